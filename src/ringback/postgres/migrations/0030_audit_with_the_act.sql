-- An act of the application server and its record in the audit are one commit: what is written there happened. It can add to the audit, and read or change nothing in it.
GRANT INSERT ON audit TO ringback_application;
