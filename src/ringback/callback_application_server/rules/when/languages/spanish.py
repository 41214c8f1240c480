"""Spanish."""

from ringback.callback_application_server.rules.when.lexicon import Lexicon, Sort

SPANISH = Lexicon(
    language="es",
    numbers={
        "un|una|uno": 1,
        "dos|par|par de|un par de": 2,
        "tres": 3,
        "cuatro": 4,
        "cinco": 5,
        "seis": 6,
        "siete": 7,
        "ocho": 8,
        "nueve": 9,
        "diez": 10,
        "once": 11,
        "doce": 12,
        "trece": 13,
        "catorce": 14,
        "quince": 15,
        "dieciséis": 16,
        "diecisiete": 17,
        "dieciocho": 18,
        "diecinueve": 19,
        "veinte": 20,
        "veinticinco": 25,
        "treinta": 30,
        "cuarenta": 40,
        "cuarenta y cinco": 45,
        "cincuenta": 50,
        "noventa": 90,
    },
    units={
        "minuto|minutos|min|mins|minutitos": 1,
        "hora|horas|h|hrs|horita": 60,
        "día|días": 1440,
        "semana|semanas": 10080,
        "mes|meses": 43200,
        "año|años": 525600,
    },
    weekdays=(
        "lunes|lun",
        "martes|mar",
        "miércoles|mié",
        "jueves|jue",
        "viernes|vie",
        "sábado|sáb|sábados",
        "domingo|dom|domingos",
    ),
    months=(
        "enero|ene",
        "febrero|feb",
        "marzo",
        "abril|abr",
        "mayo",
        "junio|jun",
        "julio|jul",
        "agosto|ago",
        "septiembre|setiembre|sep|sept",
        "octubre|oct",
        "noviembre|nov",
        "diciembre|dic",
    ),
    days={"hoy|hoy mismo": 0, "mañana|manana|mañana mismo": 1, "pasado mañana": 2},
    clocks={
        "mediodía en punto|al mediodía|a mediodía|mediodía|a medio día|medio día": 12,
        "medianoche|a medianoche": 24,
    },
    parts={
        "por la mañana|en la mañana|de la mañana|de mañana|por las mañanas|a la mañana": (6, 12),
        "temprano|a primera hora|primera hora|por la mañana temprano|temprano por la mañana": (7, 10),
        "a media mañana|media mañana": (9, 12),
        "a la hora de comer|hora de comer|hora del almuerzo|a la hora del almuerzo": (13, 15),
        "por la tarde|en la tarde|de la tarde|esta tarde|tarde|por las tardes|a la tarde": (12, 20),
        "a última hora|última hora|al final del día|final del día": (16, 18),
        "por la noche|en la noche|de la noche|esta noche|noche|a la noche": (20, 24),
    },
    words={
        Sort.AT: (
            "a las|a la|a eso de las|a eso de la|sobre las|sobre la|hacia las|hacia la|alrededor de las"
            "|alrededor de la|como a las|más o menos a las|las|la"
        ),
        Sort.ON: "el|para el|para|los|del",
        Sort.IN: "en|dentro de|de aquí a|en unos|en unas|en como",
        Sort.GIVE: "deme|dame|necesito|espere|espera",
        Sort.WITHIN: (
            "en menos de|antes de que pasen|en los próximos|en las próximas|en la próxima|durante la próxima"
            "|durante las próximas"
        ),
        Sort.FROM_NOW: "después|más tarde|a partir de ahora",
        Sort.AFTER: (
            "después de|después de las|después de la|tras las|a partir de|a partir de las|a partir de la"
            "|desde las|desde la|pasadas las|no antes de|no antes de las|luego de las|luego de|más tarde de las"
            "|después del|tras"
        ),
        Sort.BEFORE: (
            "antes de|antes de las|antes de la|hasta las|hasta la|hasta|no después de|no después de las"
            "|como muy tarde a las|a más tardar a las|antes del|no más tarde de las"
        ),
        Sort.BETWEEN: "entre|entre las|entre la",
        Sort.FROM: "de|desde|de las|de la",
        Sort.UP_TO: "a",
        Sort.ONWARDS: "en adelante|o más tarde|o después",
        Sort.AND: "y|e|y las|y la",
        Sort.OR: "o|o bien|u",
        Sort.NEXT: "próximo|próxima|que viene|siguiente",
        Sort.THIS: "este|esta|estos",
        Sort.LAST: "pasado|pasada|último|última",
        Sort.HALF: "media|medio",
        Sort.QUARTER: "cuarto|un cuarto|cuarto de",
        Sort.THREE_QUARTERS: "tres cuartos|tres cuartos de",
        Sort.TO: "menos",
        Sort.NOW: (
            "ahora|ahora mismo|ya|ya mismo|lo antes posible|cuanto antes|lo más pronto posible"
            "|lo más rápido posible|inmediatamente|de inmediato|enseguida|en seguida|asap"
            "|tan pronto como sea posible|tan pronto como pueda|lo más antes posible|ahorita|en este momento"
            "|urgentemente|a la mayor brevedad|con la mayor brevedad|en cuanto pueda|en cuanto puedan"
        ),
        Sort.ANY: (
            "cuando quiera|cuando quieran|cuando sea|en cualquier momento|cualquier momento|a cualquier hora"
            "|cualquier hora|cuando pueda|cuando puedan|me da igual|cualquier día|cuando gusten"
        ),
        Sort.VAGUE: (
            "luego|pronto|otro día|otro momento|fin de semana|el fin de semana|entre semana|todos los días"
            "|cada día|algún día|en un rato|más tarde|al rato|en otro momento|a principios de semana|cada"
        ),
        Sort.FEW: "unos|unas|algunos|algunas|unos pocos|unas pocas|pocos|pocas",
        Sort.NOT: "no|nunca|jamás|ni|excepto|menos el|salvo|no puedo|tampoco|no me llame|no me llamen",
        Sort.INSTEAD: (
            "mejor|perdón|quiero decir|digo|más bien|en realidad|en vez|cámbielo a|cambiarlo a|espera no|mejor dicho"
        ),
        Sort.CALL: (
            "llámame|llámeme|llamar|llamarme|llame|llama|llamen|llámenme|llamada|me llame|me llamen|me llamas"
            "|puede|pueden|podría|podrían|puedo|libre|estoy libre|disponible|estoy disponible|me viene bien"
            "|viene bien|va bien|me va bien|por favor|prefiero|gracias|estaré|estoy|quiero|quisiera|me gustaría"
            "|bien|vale|ok|hablar|devolver|devuélvame|devuélvanme|contactar|contácteme|quizás|tal vez|sería"
        ),
        Sort.SAME: "a la misma hora|misma hora|a esta hora|la misma hora",
        Sort.OCLOCK: "en punto|hs",
        Sort.OVER: (
            "ayer|anteayer|anoche|hace|llamé|llamaron|pagué|fue|era|estuve|recibí|compré|dijeron|desde hace"
            "|estaba|llevo|llegó|pedí"
        ),
        Sort.COMMA: "pero|porque|entonces|así que|pues",
        Sort.FILLER: "al|lo|me|si|sí|hola|que|solo|sólo|aproximadamente|más o menos|hora local",
    },
    minutes_follow=True,
    articles=frozenset({"un", "una", "uno"}),
)
