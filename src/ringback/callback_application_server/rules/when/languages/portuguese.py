"""Portuguese."""

from ringback.callback_application_server.rules.when.lexicon import Lexicon, Sort

PORTUGUESE = Lexicon(
    language="pt",
    numbers={
        "um|uma": 1,
        "dois|duas|par de|um par de": 2,
        "três": 3,
        "quatro": 4,
        "cinco": 5,
        "seis": 6,
        "sete": 7,
        "oito": 8,
        "nove": 9,
        "dez": 10,
        "onze": 11,
        "doze": 12,
        "treze": 13,
        "catorze|quatorze": 14,
        "quinze": 15,
        "dezesseis|dezasseis": 16,
        "dezessete|dezassete": 17,
        "dezoito": 18,
        "dezenove|dezanove": 19,
        "vinte": 20,
        "trinta": 30,
        "quarenta": 40,
        "quarenta e cinco": 45,
        "cinquenta": 50,
    },
    units={
        "minuto|minutos|min|minutinhos": 1,
        "hora|horas|h|hs|horinha": 60,
        "dia|dias": 1440,
        "semana|semanas": 10080,
        "mês|meses": 43200,
        "ano|anos": 525600,
    },
    weekdays=(
        "segunda|segunda feira|seg",
        "terça|terça feira|ter",
        "quarta|quarta feira|qua",
        "quinta|quinta feira|qui",
        "sexta|sexta feira|sex",
        "sábado|sáb|sábados",
        "domingo|dom|domingos",
    ),
    months=(
        "janeiro|jan",
        "fevereiro|fev",
        "março",
        "abril|abr",
        "maio",
        "junho|jun",
        "julho|jul",
        "agosto|ago",
        "setembro|set",
        "outubro|out",
        "novembro|nov",
        "dezembro|dez",
    ),
    days={"hoje|hj|ainda hoje": 0, "amanhã|amanha": 1, "depois de amanhã": 2},
    clocks={"meio dia|ao meio dia": 12, "meia noite|à meia noite": 24},
    parts={
        "manhã|de manhã|da manhã|pela manhã|na parte da manhã|na manhã|esta manhã": (6, 12),
        "cedo|logo cedo|de manhã cedo|manhã cedo|à primeira hora|primeira hora|bem cedo": (7, 10),
        "hora do almoço|na hora do almoço|à hora do almoço": (11.5, 14),
        "tarde|à tarde|de tarde|da tarde|na parte da tarde|esta tarde|pela tarde": (12, 18),
        "final da tarde|no final da tarde|fim da tarde|no fim da tarde|fim do dia|final do dia|no fim do dia"
        "|no final do dia|ao fim do dia": (
            16,
            18,
        ),
        "noite|à noite|da noite|de noite|esta noite|pela noite|hoje à noite": (18, 23),
    },
    words={
        Sort.AT: "às|as|à|a|por volta das|por volta da|lá pelas|cerca das|umas|pelas|perto das",
        Sort.ON: "na|no|em|para|para o|para a|o dia|dia",
        Sort.IN: "em|daqui a|dentro de|daqui|em cerca de|em uns|em umas",
        Sort.GIVE: "me dê|me dá|dê me|preciso de|espere|me dá uns",
        Sort.WITHIN: "nos próximos|nas próximas|na próxima|em menos de",
        Sort.FROM_NOW: "depois|mais tarde|a partir de agora",
        Sort.AFTER: (
            "depois das|depois da|depois de|depois do|após as|após a|após|a partir das|a partir da|a partir de"
            "|a partir do|não antes das|desde as|passado das|passando das"
        ),
        Sort.BEFORE: (
            "antes das|antes da|antes de|antes do|até as|até às|até a|até à|até|não depois das|no máximo às"
            "|no máximo até as"
        ),
        Sort.BETWEEN: "entre|entre as|entre a",
        Sort.FROM: "das|da|de|do|desde",
        Sort.UP_TO: "até o|ao",
        Sort.ONWARDS: "em diante|ou mais tarde|ou depois|pra frente",
        Sort.AND: "e|e as|e a",
        Sort.OR: "ou",
        Sort.NEXT: "próxima|próximo|que vem|seguinte",
        Sort.THIS: "esta|este|essa|nesta|neste|nessa",
        Sort.LAST: "passada|passado|última|último",
        Sort.HALF: "meia|meio",
        Sort.QUARTER: "quarto|um quarto|um quarto de",
        Sort.TO: "menos",
        Sort.NOW: (
            "agora|agora mesmo|já|imediatamente|o mais rápido possível|o quanto antes|o mais cedo possível"
            "|o mais breve possível|assim que possível|quanto antes|logo que possível|asap|neste momento"
            "|de imediato|o mais depressa possível|assim que puder|assim que puderem|urgente|agora já"
            "|o mais rapidamente possível"
        ),
        Sort.ANY: (
            "quando quiser|quando quiserem|a qualquer hora|qualquer hora|a qualquer momento|qualquer momento"
            "|quando puder|quando puderem|tanto faz|qualquer dia|quando der"
        ),
        Sort.VAGUE: (
            "logo|em breve|outro dia|outra hora|fim de semana|final de semana|no fim de semana|dias úteis"
            "|todos os dias|todo dia|cada dia|daqui a pouco|algum dia|mais logo|cada"
        ),
        Sort.FEW: "alguns|algumas|poucos|poucas|uns poucos",
        Sort.NOT: "não|nunca|jamais|nem|exceto|menos na|salvo|não posso|não me ligue|não liguem",
        Sort.INSTEAD: (
            "melhor|desculpe|desculpa|quero dizer|na verdade|aliás|em vez|digo|muda para|mude para|prefiro então"
            "|ou melhor"
        ),
        Sort.CALL: (
            "ligar|ligue|liga|ligue me|me ligue|me liga|me liguem|liguem|ligação|retornar|retorne|retornem"
            "|chamada|telefonar|telefone|telefone me|livre|estou livre|disponível|estou disponível|por favor|pode"
            "|podem|poderia|podia|posso|prefiro|obrigado|obrigada|estarei|fico|bom|bem|ok|seria|quero|queria"
            "|gostaria|falar|contactar|contatar|dá|para mim|pode ser|talvez|funciona"
        ),
        Sort.SAME: "à mesma hora|na mesma hora|mesma hora|mesmo horário|no mesmo horário",
        Sort.OCLOCK: "em ponto|horas em ponto",
        Sort.OVER: (
            "ontem|anteontem|há|desde ontem|liguei|ligaram|paguei|foi|era|recebi|comprei|disseram|estava|chegou"
            "|pedi|faz"
        ),
        Sort.COMMA: "mas|porque|então",
        Sort.FILLER: "o|os|me|eu|que|sim|olá|oi|só|apenas|aproximadamente|mais ou menos|hora local|umas tantas",
    },
    minutes_follow=True,
    articles=frozenset({"um", "uma"}),
)
