"""German."""

from ringback.callback_application_server.rules.when.lexicon import Lexicon, Sort

_TEENS = ("zehn", "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn")

GERMAN = Lexicon(
    language="de",
    numbers={
        "ein|eins|eine|einer|einem|einen": 1,
        "zwei|zwo": 2,
        "drei": 3,
        "vier": 4,
        "fünf|fuenf": 5,
        "sechs": 6,
        "sieben": 7,
        "acht": 8,
        "neun": 9,
        "zwoelf": 12,
        "fuenfzehn": 15,
        **{word: index + 10 for index, word in enumerate(_TEENS)},
        "zwanzig": 20,
        "einundzwanzig": 21,
        "fünfundzwanzig": 25,
        "dreißig|dreissig": 30,
        "vierzig": 40,
        "fünfundvierzig": 45,
        "fünfzig": 50,
        "sechzig": 60,
        "neunzig": 90,
        "anderthalb|eineinhalb": 1.5,
        "zweieinhalb": 2.5,
    },
    units={
        "minute|minuten|min|minütchen": 1,
        "stunde|stunden|std|stündchen|h": 60,
        "halbe stunde|halben stunde|halbstunde": 30,
        "viertelstunde": 15,
        "dreiviertelstunde": 45,
        "tag|tage|tagen": 1440,
        "woche|wochen": 10080,
        "monat|monate|monaten": 43200,
        "jahr|jahre|jahren": 525600,
    },
    weekdays=(
        "montag|mo|montags",
        "dienstag|di|dienstags",
        "mittwoch|mi|mittwochs",
        "donnerstag|do|donnerstags",
        "freitag|fr|freitags",
        "samstag|sa|sonnabend|samstags",
        "sonntag|so|sonntags",
    ),
    months=(
        "januar|jan|jänner",
        "februar|feb",
        "märz|mär|maerz",
        "april|apr",
        "mai",
        "juni|jun",
        "juli|jul",
        "august|aug",
        "september|sep|sept",
        "oktober|okt",
        "november|nov",
        "dezember|dez",
    ),
    days={"heute|heut|noch heute": 0, "morgen|mrgn": 1, "übermorgen|uebermorgen": 2},
    clocks={"mittags um zwölf|zwölf uhr mittags|punkt zwölf": 12, "mitternacht": 24},
    parts={
        "früh|frueh|in der früh|morgens|frühmorgens|am morgen|in der frühe|am frühen morgen": (6, 12),
        "gleich morgens|gleich in der früh": (8, 10),
        "vormittag|vormittags|am vormittag": (8, 12),
        "am späten vormittag|später vormittag": (10, 12),
        "mittag|mittags|am mittag|mittagszeit|in der mittagspause|mittagspause": (11.5, 14),
        "früher nachmittag|am frühen nachmittag": (12, 15),
        "später nachmittag|am späten nachmittag|spätnachmittag": (15, 18),
        "nachmittag|nachmittags|am nachmittag": (12, 18),
        "feierabend|büroschluss|ende des tages|zum tagesende": (16, 18),
        "abend|abends|am abend|am frühen abend": (18, 22),
        "nacht|nachts|in der nacht": (20, 24),
    },
    words={
        Sort.AT: ("um|gegen|so um|so gegen|ungefähr um|etwa um|circa|ca|um circa|um ca|zirka|ungefähr|etwa|punkt"),
        Sort.ON: "am|für|den|dem|an einem|zum",
        Sort.IN: "in|in etwa|in circa|in ca|in ungefähr|erst in",
        Sort.GIVE: "gib mir|geben sie mir|gebt mir|brauche|ich brauche|warten sie",
        Sort.WITHIN: "innerhalb|innerhalb von|innerhalb der nächsten|in den nächsten|in der nächsten|binnen",
        Sort.FROM_NOW: "später|ab jetzt",
        Sort.AGO: "her",
        Sort.AFTER: (
            "nach|ab|frühestens|frühestens um|nicht vor|erst nach|erst ab|irgendwann nach|jederzeit nach|ab circa"
            "|erst um"
        ),
        Sort.BEFORE: (
            "vor|bis|spätestens|spätestens um|bis spätestens|nicht nach|bis um|noch vor|irgendwann vor"
            "|jederzeit vor|nicht später als"
        ),
        Sort.BETWEEN: "zwischen|irgendwann zwischen",
        Sort.FROM: "von",
        Sort.UP_TO: "bis zu",
        Sort.ONWARDS: "oder später|aufwärts|oder danach",
        Sort.AND: "und",
        Sort.OR: "oder|alternativ|beziehungsweise|bzw",
        Sort.NEXT: ("nächste|nächsten|nächster|nächstes|nächstem|naechste|naechsten|kommende woche|kommenden woche"),
        Sort.THIS: "diese|diesen|dieser|dieses|diesem|kommenden|kommender|kommende",
        Sort.LAST: "letzte|letzten|letzter|letztes|vorige|vorigen|vergangenen|vergangene",
        Sort.HALF: "halb|halbe|halben|eine halbe|einer halben|ner halben",
        Sort.QUARTER: "viertel",
        Sort.THREE_QUARTERS: "dreiviertel|drei viertel",
        Sort.NOW: (
            "jetzt|sofort|gleich|jetzt gleich|gleich jetzt|so bald wie möglich|sobald wie möglich"
            "|so schnell wie möglich|schnellstmöglich|möglichst bald|baldmöglichst|umgehend|unverzüglich|asap"
            "|so früh wie möglich|schnellstens|möglichst schnell|auf der stelle|so bald es geht|sobald es geht"
            "|so schnell es geht"
        ),
        Sort.ANY: (
            "jederzeit|egal wann|wann auch immer|irgendwann|egal|wann sie wollen|wann es passt"
            "|wann es ihnen passt|bin flexibel|ich bin flexibel|flexibel"
        ),
        Sort.VAGUE: (
            "später mal|demnächst|bald|ein andermal|wochenende|am wochenende|werktags|unter der woche|wochentags"
            "|täglich|jeden tag|jeden|ende der woche|anfang der woche|nachher|irgendwann mal|ein paar tage"
            "|anderer tag|anfang nächster woche|ende nächster woche|mitte der woche"
        ),
        Sort.FEW: "ein paar|einigen|einige|paar",
        Sort.NOT: (
            "nicht|kein|keine|keinen|nie|niemals|nein|außer|ausser|keinesfalls|auf keinen fall|nee|nö|kann nicht"
            "|geht nicht"
        ),
        Sort.INSTEAD: (
            "doch lieber|lieber|stattdessen|ich meine|ich meinte|besser|eher|doch|nein doch|moment|sorry"
            "|entschuldigung|quatsch|sagen wir|verschieben auf"
        ),
        Sort.CALL: (
            "hätte gern|hätte gerne|würde gern|würde gerne|würde mich|würde ich|ich würde|würde es|hätten sie|würden sie|angerufen werden"
            "|anrufen|ruf|rufen|rufen sie|ruf mich an|rufen sie mich an|rufen sie mich|anruf|rückruf|zurückrufen"
            "|zurück|erreichbar|erreichen|melden|melden sie sich|passt|passt mir|passt es mir|geht|geht es"
            "|geht bei mir|gerne|gern|bitte|könnte|könnten|können|kann|ich kann|wäre gut|wäre|habe zeit"
            "|hätte zeit|zeit|frei|bin frei|da|zu hause|am besten|termin|telefonieren|sprechen|danke|vielen dank"
            "|gut|super|ok|okay|vielleicht|ginge"
        ),
        Sort.SAME: (
            "zur gleichen zeit|gleiche zeit|gleiche uhrzeit|um die gleiche zeit|um diese zeit|zur selben zeit"
            "|selbe zeit|selbe uhrzeit"
        ),
        Sort.OCLOCK: "uhr",
        Sort.OVER: (
            "gestern|vorgestern|seit|war|waren|hatte|hatten|wurde|habe bezahlt|bezahlt|angerufen|bekommen"
            "|erhalten|gekommen|gesagt|gekauft|bestellt"
        ),
        Sort.COMMA: "also|aber|weil|dann|denn|da ich",
        Sort.FILLER: (
            "der|die|das|den ganzen|so|ja|mal|es|an|uns|mich|ich|sie|bei|mir|auch|schon|noch|nur|erst|hallo|im"
            "|laufe|des|vom|lokal"
        ),
    },
    half_names_next_hour=True,
    ordinal_dot=True,
    zones={"mez|mesz|deutscher zeit": "Europe/Berlin", "utc|gmt": "UTC"},
    articles=frozenset({"ein", "eine", "einer", "einem", "einen"}),
)
