-- Priority of a chat's callbacks: from the signed identity its page came with. Higher goes first, and waiting ages it (rules/line.py).
ALTER TABLE chat ADD COLUMN priority int NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 100);
