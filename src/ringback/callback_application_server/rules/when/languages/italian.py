"""Italian."""

from ringback.callback_application_server.rules.when.lexicon import Lexicon, Sort

ITALIAN = Lexicon(
    language="it",
    numbers={
        "un|uno|una|un'": 1,
        "due|paio|paio di|un paio di|un paio d'": 2,
        "tre": 3,
        "quattro": 4,
        "cinque": 5,
        "sei": 6,
        "sette": 7,
        "otto": 8,
        "nove": 9,
        "dieci": 10,
        "undici": 11,
        "dodici": 12,
        "tredici": 13,
        "quattordici": 14,
        "quindici": 15,
        "sedici": 16,
        "diciassette": 17,
        "diciotto": 18,
        "diciannove": 19,
        "venti": 20,
        "venticinque": 25,
        "trenta": 30,
        "quaranta": 40,
        "quarantacinque": 45,
        "cinquanta": 50,
    },
    units={
        "minuto|minuti|min|minutini": 1,
        "ora|ore|h|oretta": 60,
        "giorno|giorni": 1440,
        "settimana|settimane": 10080,
        "mese|mesi": 43200,
        "anno|anni": 525600,
    },
    weekdays=("lunedì|lun", "martedì", "mercoledì|mer", "giovedì|gio", "venerdì|ven", "sabato|sab", "domenica|dom"),
    months=(
        "gennaio|gen",
        "febbraio|feb",
        "marzo",
        "aprile|apr",
        "maggio|mag",
        "giugno|giu",
        "luglio|lug",
        "agosto|ago",
        "settembre|sett",
        "ottobre|ott",
        "novembre|nov",
        "dicembre|dic",
    ),
    days={"oggi|oggi stesso": 0, "domani|dmn": 1, "dopodomani|dopo domani": 2},
    clocks={"mezzogiorno|a mezzogiorno": 12, "mezzanotte|a mezzanotte": 24},
    parts={
        "mattina|mattino|di mattina|del mattino|in mattinata|mattinata|stamattina|stamani|la mattina"
        "|al mattino|questa mattina|domattina presto": (
            6,
            12,
        ),
        "presto|di buon'ora|prima mattina|in prima mattinata|mattina presto": (7, 10),
        "tarda mattinata|in tarda mattinata": (10, 12),
        "ora di pranzo|all'ora di pranzo|in pausa pranzo|pausa pranzo|pranzo": (12, 14),
        "primo pomeriggio|nel primo pomeriggio": (12, 15),
        "pomeriggio|di pomeriggio|del pomeriggio|nel pomeriggio|al pomeriggio|questo pomeriggio": (12, 18),
        "tardo pomeriggio|nel tardo pomeriggio|fine giornata|a fine giornata|fine della giornata": (16, 18),
        "sera|di sera|stasera|la sera|in serata|serata|questa sera|alla sera|della sera": (18, 23),
        "notte|stanotte|di notte": (20, 24),
    },
    words={
        Sort.AT: "alle|alle ore|all'|alla|verso le|verso l'|verso|intorno alle|circa alle|per le|ore|le|a",
        Sort.ON: "il|di|per|per il|nel|del|lo",
        Sort.IN: "tra|fra|in|tra circa|fra circa|entro circa",
        Sort.GIVE: "dammi|mi dia|datemi|ho bisogno di|aspetti|aspetta",
        Sort.WITHIN: "entro|nei prossimi|nelle prossime|nella prossima|in meno di|entro la prossima",
        Sort.FROM_NOW: "più tardi|da adesso|da ora",
        Sort.AFTER: (
            "dopo le|dopo l'|dopo|a partire dalle|dalle|dalla|dall'|non prima delle|non prima di|a partire da"
            "|dopo la|successivamente alle"
        ),
        Sort.BEFORE: (
            "prima delle|prima di|prima dell'|prima|fino alle|entro le|entro l'|non dopo le|non oltre le"
            "|al massimo alle|fino a|prima del"
        ),
        Sort.BETWEEN: "tra le|fra le|tra l'|fra l'",
        Sort.FROM: "da",
        Sort.UP_TO: "fino al",
        Sort.ONWARDS: "in poi|o più tardi|o dopo",
        Sort.AND: "e|ed|e le|e l'",
        Sort.OR: "o|oppure|o meglio ancora",
        Sort.NEXT: "prossimo|prossima|che viene|successivo|seguente",
        Sort.THIS: "questo|questa|quest'",
        Sort.LAST: "scorso|scorsa|ultimo|ultima|passato|passata",
        Sort.HALF: "mezza|mezzo|mezz'|mezz",
        Sort.QUARTER: "quarto|un quarto|un quarto d'|quarto d'",
        Sort.THREE_QUARTERS: "tre quarti|tre quarti d'",
        Sort.TO: "meno",
        Sort.NOW: (
            "adesso|ora|subito|immediatamente|il prima possibile|al più presto|appena possibile|quanto prima"
            "|il più presto possibile|prima possibile|appena potete|appena può|asap|ora stesso|all'istante"
            "|in questo momento|adesso stesso|nel più breve tempo possibile|urgentemente"
            "|il più velocemente possibile"
        ),
        Sort.ANY: (
            "quando vuole|quando volete|in qualsiasi momento|qualsiasi momento|a qualsiasi ora|quando può"
            "|quando potete|è uguale|fa lo stesso|qualsiasi giorno|quando vi pare|quando preferite"
        ),
        Sort.VAGUE: (
            "presto o tardi|un altro giorno|un'altra volta|fine settimana|nel fine settimana|weekend|nel weekend"
            "|ogni giorno|tutti i giorni|giorni feriali|tra poco|fra poco|ogni|prima o poi|a inizio settimana"
        ),
        Sort.FEW: "qualche|alcuni|alcune|pochi|poche",
        Sort.NOT: "non|no|mai|né|tranne|eccetto|salvo|non posso|nemmeno",
        Sort.INSTEAD: (
            "meglio|anzi|scusi|scusa|voglio dire|cioè|piuttosto|in realtà|invece|facciamo|spostiamo a|diciamo"
        ),
        Sort.CALL: (
            "chiamare|chiamarmi|chiamami|mi chiami|chiamatemi|mi chiamate|chiama|chiamate|richiamare|richiamarmi"
            "|richiamami|mi richiami|richiamatemi|chiamata|richiamata|libero|libera|sono libero|sono libera"
            "|disponibile|sono disponibile|va bene|mi va bene|per favore|per piacere|può|potete|potrebbe|potreste"
            "|posso|potrei|preferisco|grazie|sarò|sono|ok|bene|vorrei|parlare|sentire|forse|andrebbe|telefonare"
            "|telefonatemi|mi telefoni"
        ),
        Sort.SAME: "alla stessa ora|stessa ora|a quest'ora",
        Sort.OCLOCK: "in punto|precise",
        Sort.OVER: (
            "ieri|l'altro ieri|ieri sera|fa|era|ho pagato|pagato|ricevuto|chiamato|aveva|comprato|ordinato|detto"
            "|stato|ho chiamato|da ieri"
        ),
        Sort.COMMA: "ma|perché|quindi|allora",
        Sort.FILLER: "i|gli|la|l'|mi|io|che|sì|ciao|salve|buongiorno|solo|soltanto|circa|più o meno|ora locale",
    },
    minutes_follow=True,
    articles=frozenset({"un", "uno", "una", "un'"}),
)
