"""French."""

from ringback.callback_application_server.rules.when.lexicon import Lexicon, Sort

FRENCH = Lexicon(
    language="fr",
    numbers={
        "un|une": 1,
        "deux": 2,
        "trois": 3,
        "quatre": 4,
        "cinq": 5,
        "six": 6,
        "sept": 7,
        "huit": 8,
        "neuf": 9,
        "dix": 10,
        "onze": 11,
        "douze": 12,
        "treize": 13,
        "quatorze": 14,
        "quinze": 15,
        "seize": 16,
        "dix sept": 17,
        "dix huit": 18,
        "dix neuf": 19,
        "vingt": 20,
        "vingt cinq": 25,
        "trente": 30,
        "quarante": 40,
        "quarante cinq": 45,
        "cinquante": 50,
    },
    units={
        "minute|minutes|min|mn": 1,
        "heure|heures|h": 60,
        "jour|jours": 1440,
        "semaine|semaines": 10080,
        "mois": 43200,
        "an|ans|année|années": 525600,
    },
    weekdays=("lundi|lun", "mardi", "mercredi|mer", "jeudi|jeu", "vendredi|ven", "samedi|sam", "dimanche|dim"),
    months=(
        "janvier|janv",
        "février|fév",
        "mars",
        "avril|avr",
        "mai",
        "juin",
        "juillet|juil",
        "août",
        "septembre|sept",
        "octobre|oct",
        "novembre|nov",
        "décembre|déc",
    ),
    days={"aujourd'hui|aujourdhui|ce jour": 0, "demain|dmain|2main": 1, "après demain": 2},
    clocks={"midi": 12, "minuit": 24},
    parts={
        "matin|matinée|le matin|du matin|ce matin|dans la matinée|au matin": (6, 12),
        "tôt le matin|de bonne heure|à la première heure|tôt": (7, 10),
        "fin de matinée|en fin de matinée": (10, 12),
        "heure du déjeuner|à l'heure du déjeuner|pause déjeuner|pendant la pause déjeuner|ce midi|entre midi et deux": (
            11.5,
            14,
        ),
        "début d'après midi|en début d'après midi": (12, 15),
        "après midi|aprem|cet après midi|l'après midi|de l'après midi|dans l'après midi|cet aprem": (12, 18),
        "fin d'après midi|en fin d'après midi|fin de journée|en fin de journée": (16, 18),
        "soir|ce soir|le soir|du soir|soirée|dans la soirée|en soirée|au soir": (18, 23),
    },
    words={
        Sort.AT: "à|vers|vers les|aux environs de|aux alentours de|environ|autour de|sur les coups de",
        Sort.ON: "le|pour|pour le|du|les",
        Sort.IN: "dans|dans environ|d'ici|en|dans à peu près",
        Sort.GIVE: "donnez moi|donne moi|attendez|j'ai besoin de|laissez moi",
        Sort.WITHIN: ("d'ici à|dans les prochaines|dans les prochains|dans la prochaine|dans les|en moins de|dans l"),
        Sort.FROM_NOW: "plus tard|à partir de maintenant",
        Sort.AFTER: (
            "après|à partir de|à partir du|dès|pas avant|passé|après les|n'importe quand après|au plus tôt à"
            "|au plus tôt|à compter de"
        ),
        Sort.BEFORE: "avant|jusqu'à|jusque|pas après|au plus tard à|au plus tard|n'importe quand avant|avant les",
        Sort.BETWEEN: "entre",
        Sort.FROM: "de|depuis les",
        Sort.UP_TO: "jusqu'au",
        Sort.ONWARDS: "ou plus tard|ou après|et plus",
        Sort.AND: "et",
        Sort.OR: "ou|ou bien|sinon",
        Sort.NEXT: "prochain|prochaine|suivant|suivante",
        Sort.THIS: "ce|cette|cet",
        Sort.LAST: "dernier|dernière|passée",
        Sort.HALF: "demi|demie|une demi|une demie",
        Sort.QUARTER: "quart|le quart|un quart|quart d'",
        Sort.THREE_QUARTERS: "trois quarts|trois quarts d'",
        Sort.TO: "moins",
        Sort.NOW: (
            "maintenant|tout de suite|immédiatement|dès que possible|le plus vite possible|le plus tôt possible"
            "|au plus vite|au plus tôt possible|aussitôt que possible|sur le champ|asap|dès maintenant"
            "|le plus rapidement possible|aussi vite que possible|dans l'immédiat|rapidement|sans attendre"
            "|sans délai|de suite|dès que vous pouvez|urgent|au plus tôt svp"
        ),
        Sort.ANY: (
            "n'importe quand|quand vous voulez|peu importe|à n'importe quelle heure|quand vous pouvez"
            "|quand vous souhaitez|à tout moment|comme vous voulez|n'importe quel jour|à votre convenance"
        ),
        Sort.VAGUE: (
            "bientôt|plus tard dans la journée|un autre jour|une autre fois|week end|weekend|ce week end"
            "|en semaine|tous les jours|chaque jour|tout à l'heure|un de ces jours|chaque|tous les|prochainement"
            "|en fin de semaine|en début de semaine"
        ),
        Sort.FEW: "quelques",
        Sort.NOT: "pas|ne|jamais|non|sauf|aucun|impossible|n'appelez pas|excepté|hormis",
        Sort.INSTEAD: "plutôt|je veux dire|pardon|en fait|mieux|non attendez|finalement|à la place|désolé|disons",
        Sort.CALL: (
            "appeler|appelez|appelez moi|appelle|appelle moi|rappeler|rappelez|rappelez moi|rappelle moi|rappel"
            "|me rappeler|m'appeler|libre|je suis libre|disponible|je suis disponible|dispo|svp|s'il vous plaît"
            "|s'il te plaît|stp|merci|pouvez|pouvez vous|pourriez vous|peux|je peux|possible|convient|me convient"
            "|m'arrange|préfère|je préfère|joignable|bien|ok|d'accord|parler|voudrais|je voudrais|j'aimerais"
            "|serait|serai|je serai|peut être"
        ),
        Sort.SAME: "à la même heure|même heure|à cette heure",
        Sort.OCLOCK: "pile|précises|tapantes",
        Sort.OVER: (
            "hier|avant hier|hier soir|il y a|depuis|était|j'ai payé|payé|reçu|appelé|avait|étais|commandé|a dit"
            "|ai attendu|dit"
        ),
        Sort.COMMA: "mais|parce que|alors|donc|car",
        Sort.FILLER: "la|l'|l|d'|d|je|j'|vous|me|m'|moi|oui|bonjour|que|seulement|c'est|bon|heure locale|soit",
    },
    minutes_follow=True,
    articles=frozenset({"un", "une"}),
)
