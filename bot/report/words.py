"""The vocabulary that messages are read by: general words in English, Portuguese, Spanish and German.

No names of systems or alerts: only what people say about any trouble.
"""

from __future__ import annotations

import re


def _any(*words: str) -> re.Pattern[str]:
    """Any of these expressions as whole words."""
    return re.compile(r"(?<!\w)(?:" + "|".join(words) + r")(?!\w)", re.IGNORECASE)


HEDGE = _any(
    r"maybe|perhaps|possibl[ey]|probably|might(?: be)?|could(?: be| it| that)?|i(?:'d| would) bet|bet(?:ting)? (?:on|it)",
    r"i (?:think|guess|suspect)|guess(?:ing)?|suspect(?:ed)?|smells? like|looks? like|seems?|i wonder|hunch|theory|assum\w+",
    r"my money|unconfirmed|not (?:sure|certain)|if (?:it|that|this)(?:'s| is) (?:the|a)|hypothes\w+|likely|worth checking",
    r"talvez|acho que|ser[aá] que|pode ser|parece|provavelmente|suspeito|desconfio|chuto|aposto",
    r"quiz[aá]s|tal vez|creo que|puede ser|a lo mejor|probablemente|sospecho|ser[aá] (?:el|la)",
    r"vielleicht|vermutlich|wahrscheinlich|k[oö]nnte|glaube|verdacht|m[oö]glicherweise|eventuell|schätze|wohl",
)
JOKE = _any(
    r"lol|lmao|rofl|haha\w*|hehe\w*|kk+|rsrs+|jaja\w*|xd|jk|just kidding|cakes?|lunch|coffee|pizza|beer|fridge|gremlins?",
) 
JOKE_SIGN = re.compile(r"[😂🤣😅😜🙃]|:(?:joy|rofl|sweat_smile|upside_down_face|stuck_out_tongue\w*|laughing):|(?<!\S)[:;]-?[)pP](?!\w)|/s\b")
OFF_TOPIC = _any(r"unrelated|off[- ]?topic|not here|wrong channel|nada a ver|canal errado|sem rela[cç][aã]o")
DENIAL = _any(
    r"not|no|nope|nah|isn't|wasn't|aren't|weren't|doesn't|didn't|never|neither|nor|ruled out|rule out|red herring|unrelated",
    r"false alarm|disproved|scratch that|can't (?:be|say|show|prove|tell)|innocent|cleared|fine|healthy|normal|green",
    r"slow down|not so fast|asleep|idle|flat|nothing|empty|zero",
    r"n[aã]o|nada|nunca|nem|descartad[oa]s?|tampouco|tudo certo|ningun[oa]?|tampoco",
    r"nicht|kein(?:e|en|er|s)?|nichts|ausgeschlossen|falsch|unauff[aä]llig",
)
REVERSAL = _any(
    r"(?:it|that|this)(?:'s| is| was)(?: really| actually)? not|(?:it|that) (?:isn't|wasn't)|was(?:n't| not) (?:the|it|that)",
    r"correction|corrected|scratch that|i was wrong|we were wrong|wrong (?:about|cause|guess|lead|tree|culprit)|red herring",
    r"retract\w*|take (?:that|it) back|turns out (?:it )?(?:was(?:n't| not)|is(?:n't| not))|not the (?:root )?(?:cause|culprit|reason)",
    r"false (?:alarm|lead)|ruled (?:it |that )?out|disregard|ignore (?:that|my last)|never mind",
    r"corre[cç][aã]o|corrigindo|n[aã]o era|n[aã]o foi|eu estava errad[oa]|me enganei|correcci[oó]n|no era|no fue|me equivoqu[eé]",
    r"korrektur|war(?:'s| es)? (?:doch )?nicht|ich lag falsch|doch nicht|stimmt nicht",
)
FOUND = _any(
    r"found (?:it|the (?:cause|culprit|problem|reason|bug))|root cause(?: is| was|:)?|the (?:cause|culprit|reason|problem) (?:is|was)",
    r"caused by|turns out|that's (?:it|why|the (?:one|cause|reason))|ok so|so what happened|what happened|explains (?:it|why|the)",
    r"smoking gun|got it|mystery solved|because|due to|the trigger",
    r"achei|achamos|encontrei|encontramos|a causa|causa raiz|o motivo|por causa d[aeo]|foi porque|porque|culpad[oa]",
    r"encontr[eé]|la causa|causa ra[ií]z|el motivo|debido a|por culpa d\w+|resulta que",
    r"gefunden|ursache|der grund|lag an|liegt an|schuld|weil|verursacht|wegen",
)
ROOT = _any(r"root cause|causa raiz|causa ra[ií]z|(?:grund)?ursache|found (?:it|the (?:cause|culprit|reason))|achei|gefunden|lo encontr[eé]|encontrei")
BROKE = _any(
    r"renamed|removed|expired|invalidated|revoked|deleted|dropped|changed|filled(?: up)?|leak(?:ed|s|ing)?|exhausted",
    r"misconfigured|missing|wrong|rotated|disabled|blocked|overwr\w+|deployed|merged|released|migrat(?:ed|ion)|upgraded",
    r"never (?:loaded|reloaded|ran|released|closed|updated)|forgot\w*|swallow\w*|eats|truncated|crash\w*|deadlock\w*|ran out",
    r"hit the limit|limit(?:ed)?|too (?:small|low|many|long|large)|without (?:an? )?(?:index|limit|timeout)|full|stale|old",
    r"renome\w+|remov\w+|expir\w+|apag\w+|alter\w+|enche\w*|lotou|vaz\w+|errad[oa]|falt\w+|bloque\w+|mudou|mudamos",
    r"renombr\w+|borr[oó]\w*|cambi\w+|llen[oó]\w*|equivocad[oa]|umbenannt|gel[oö]scht|abgelaufen|ge[aä]ndert|voll|fehlt\w*|falsch\w*",
)
CONFIRMED = _any(
    r"confirmed|that's it|that was it|reproduced|can reproduce|proved|proven|verified|yep|exactly|indeed|makes sense",
    r"confirmado|confirmo|era isso|[eé] isso|exato|eso era|eso es|exacto|best[aä]tigt|das war(?:'s| es)|genau",
)
UNKNOWN_CAUSE = _any(
    r"cause (?:is )?(?:still )?(?:unknown|not (?:known|found)|unclear|open)|unknown cause|no (?:root )?cause|(?:honestly )?don't know(?: what| why|$)?",
    r"do not know (?:what|why)|can't (?:explain|show (?:a|any|the) cause)|never found|not found the cause|unexplained",
    r"causa desconhecida|sem causa|n[aã]o sabemos|n[aã]o achamos|causa desconocida|no sabemos|sin causa",
    r"ursache (?:unbekannt|unklar|offen)|wissen (?:es |wir )?nicht|keine ursache",
)
SYMPTOM = _any(
    r"down|broken?|fail(?:s|ed|ing|ure)?|errors?|can'?t|cannot|unable|slow|time(?:d|s)?[- ]?outs?|unreachable|no connection|stuck|hang(?:s|ing)?",
    r"not (?:working|loading|opening|responding)|5\d\d|complain\w*|something up|crash\w*|blank|empty|locked out|doesn't (?:work|load|open)",
    r"fora do ar|caiu|n[aã]o (?:abre|funciona|carrega|entra|consegue\w*)|erros?|lent[oa]|travad[oa]|reclama\w*|sem conex[aã]o",
    r"ca[ií]d[oa]|no (?:funciona|abre|carga|puede\w*)|lent[oa]|quej\w+|sin conexi[oó]n",
    r"geht nicht|funktioniert nicht|ausgefallen|fehler|langsam|h[aä]ngt|beschwer\w+|l[aä]dt nicht",
)
SERVICE = _any(
    r"app|apps|site|website|page|api|login|logins|log in|checkout|booking|bookings|agenda|portal|service|server|database|db|payments?",
    r"salons?|customers?|clients?|users?|people|tickets?|calls?|phones?|everyone|everybody|orders?|android|ios|web|search|e-?mails?|sms",
    r"aplicativo|sal[aã]o|sal[oõ]es|clientes?|usu[aá]rios?|pagamentos?|reservas?|agendamentos?|telefones?|liga[cç][oõ]es",
    r"usuarios?|salones|pagos?|citas?|llamadas?|kunden|kundin|nutzer|buchung\w*|zahlung\w*|anrufe|seite|dienst",
)
SCOPE = _any(
    r"salons?|customers?|clients?|users?|people|tickets?|calls?|chats?|bookings?|orders?|payments?|logins?|attempts?|requests?|signups?",
    r"e-?mails?|messages?|sms|reminders?|appointments?|invoices?|rows?|records?|sessions?|error rate|errors?|latency|p9\d|revenue|refunds?|conversion",
    r"sal[aã]o|sal[oõ]es|clientes?|usu[aá]rios?|pagamentos?|reservas?|agendamentos?|liga[cç][oõ]es|chamados?|mensagens|lembretes|pedidos?|tentativas",
    r"usuarios|salones|pagos?|citas?|llamadas|mensajes|intentos|kunden|nutzer|buchungen|zahlungen|anrufe|nachrichten|termine|bestellungen|versuche",
)
HARM = _any(
    r"affected|impact(?:ed)?|locked out|missed|lost|unreachable|down|failed|no new|zero|nobody|none|complain\w*|mentioned|called|double|duplicate\w*|refund\w*|delayed|late|twice",
    r"afetad[oa]s?|perdid[oa]s?|impacto|fora|falharam|duplicad[oa]s?|atrasad[oa]s?|reclama\w*|perdemos|afectad[oa]s?|perdimos|fallaron|quej\w+",
    r"betroffen\w*|verloren|ausgefallen|doppelt|fehlgeschlagen|versp[aä]tet|beschwer\w+",
)
TAKING = _any(
    r"on it|taking (?:it|this)|i'?ve got (?:it|this)|i'?ll take (?:it|this)|i'?m on|looking|having a look|i'?ll look|investigating|acked?|acknowledged|mine",
    r"pego eu|peguei|eu pego|vou ver|vou olhar|estou (?:vendo|olhando)|t[oô] (?:vendo|olhando|nessa)|olhando|assumo|comigo",
    r"lo tomo|lo miro|mirando|estoy (?:viendo|en ello)|yo me encargo|me encargo",
    r"ich schaue?|schaue? (?:mir )?(?:das )?an|bin dran|[uü]bernehme|ich nehme|ich k[uü]mmer\w*",
)
OVER = _any(
    r"mitigated|recovered|recovering|back (?:up|online|to normal|in business)|(?:is|are|it's all|all|we're|everything(?:'s| is)?|service is) back|coming back|restored",
    r"working again|works again|healthy again|fixed(?: now)?|gone|over|done|stopped|cleared|drained|caught up|stable|quiet again|no more errors",
    r"voltou|voltaram|normalizou|normalizado|recuperado|recuperou|restabelecido|restaurado|funcionando (?:de novo|novamente)|estabilizou|mitigado|passou|parou|acabou",
    r"volvi[oó]|recuperado|restablecido|restaurado|funciona(?:ndo)? de nuevo|mitigado|normalizado|se recuper[oó]|estable",
    r"l[aä]uft wieder|wieder da|wieder (?:normal|online|erreichbar)|geht wieder|behoben|entsch[aä]rft|erholt|vorbei|stabil",
)
STRONG_OVER = _any(
    r"mitigated|recovered|back (?:up|online|to normal)|restored|working again|works again|service is back|everything(?:'s| is) back",
    r"mitigado|normalizou|normalizado|restabelecido|restablecido|recuperado|l[aä]uft wieder|geht wieder|wieder (?:normal|online|da|erreichbar)|behoben|voltou ao normal|volvi[oó] a la normalidad",
)
AGAIN = _any(
    r"it's back|is back again|back again|(?:fired|firing|failing|down|happening|started|broken) again|again!?$|another (?:one|spike|wave)|(?:second|third|fourth|next|new) (?:one|spike|wave) (?:started|starting|now|began|just|hit|is here)",
    r"relapsed?|re-?occurr\w*|spiking again|not fixed|didn't (?:help|work|fix)|no (?:change|effect|improvement)|still (?:down|failing|broken|slow|happening|the same|seeing|getting)|same (?:error|thing)",
    r"de novo|outra vez|voltou a (?:cair|falhar|dar)|caiu de novo|ainda (?:fora|falhando|lento|dando|est[aá])|n[aã]o (?:ajudou|adiantou|resolveu)",
    r"otra vez|de nuevo|sigue (?:ca[ií]d[oa]|fallando|igual|lent[oa])|no (?:ayud[oó]|sirvi[oó])|schon wieder|erneut|immer noch|nicht geholfen|hat nichts gebracht",
)
CLOSING = _any(
    r"resolved|resolving|all clear|closing (?:it|this|the incident|out)|closed|calling it|incident (?:is )?over|stand(?:ing)? down|wrapping up|declare (?:it )?over",
    r"resolvid[oa]|resolvemos|encerrad[oa]|encerrando|fechando|dou por (?:encerrado|resolvido)|resuelt[oa]|cerrad[oa]|cerramos|cerrando|damos por (?:resuelto|cerrado)",
    r"gel[oö]st|erledigt|geschlossen|schlie(?:ß|ss)e(?:n)?|beendet|entwarnung|incident (?:ist )?zu",
)
NOT_CLOSING = _any(
    r"not (?:yet )?(?:resolved|closed|closing|over)|(?:don't|can't|isn't|before|until|once|when|if|unless|should we|can we|shall we|is it|are we|too early to)",
    r"n[aã]o|ainda|antes de|quando|se|no|todav[ií]a|nicht|noch|bevor|wenn|falls",
)
FIX = _any(
    r"reload(?:ed|ing)|roll(?:ed|ing)[- ]?back|revert(?:ed|ing)?|restart(?:ed|ing)|revoked|renamed|opened|re-?enabled|enabled|disabled|scaled|killed|terminated|deployed|switched|failed over",
    r"increased|raised the|lowered the|cleared|flushed|purged|patched|hotfix(?:ed)?|released|redeployed|rotated|replaced|restored|rebuilt|removed|deleted|drained|turned (?:on|off)|put .{3,40} (?:back|in)|fixed|added",
    r"recarreg\w+|revert\w+|reinici\w+|revog\w+|abri(?:mos)?|liguei|desliguei|aument\w+|limp(?:ei|amos|ou)|subi(?:mos)?|corrig\w+|troquei|apaguei|matei|restaur\w+",
    r"revert\w+|reinici\w+|abr[ií]|aument\w+|limpi\w+|desplegu\w+|cambi[eé]|arregl\w+|borr[eé]|restaur\w+",
    r"neu gestartet|zur[uü]ckgerollt|zur[uü]ckgesetzt|ge[oö]ffnet|erh[oö]ht|geleert|deployt|umgestellt|ersetzt|gel[oö]scht|beendet|repariert|eingespielt|aktiviert|deaktiviert",
)
BEGIN = _any(
    r"since|from|between|start(?:ed|ing|s)?(?: at| around)?|began(?: at)?|begins? at|first (?:\w+ ){0,3}(?:is|was|at|seen|from|in the logs?)|onset(?: at)?|expired(?: at)?|as of|broke(?: at)?|failing since",
    r"desde(?: as| às| a)?|a partir d[aeo]s?|entre(?: as)?|come[cç]ou(?: [aà]s)?|iniciou|primeir[oa] (?:\w+ ){0,3}(?:[aà]s|foi|[eé])|caiu [aà]s|d[ae]s",
    r"desde las?|entre las?|empez[oó](?: a las)?|comenz[oó](?: a las)?|primer[oa]? (?:\w+ ){0,3}(?:a las|fue|es)",
    r"seit(?: etwa| ca\.?| ungef[aä]hr)?|zwischen|ab(?: etwa)?|von|begann(?: um)?|angefangen(?: um)?|erste[rs]? (?:\w+ ){0,3}(?:um|war)",
)
LESSON = _any(
    r"lesson|learned|next time|should have|shouldn't have|no ?(?:body|one) (?:knew|noticed|owns|told|tested|read)|on my list since|i wish|we were lucky|lucky|luckily|went well|worked well|went badly|never (?:tested|used|tried)",
    r"silenced|muted|i thought|without (?:review|a test|testing)|no (?:alert|metric|dashboard|runbook|data) (?:on|for|from)|blind spot|our (?:logger|monitoring|alert)\w* (?:swallows|missed|hides)",
    r"li[cç][aã]o|aprend\w+|da pr[oó]xima|dever[ií]amos ter|ningu[eé]m (?:sabia|percebeu|viu)|sorte|lecci[oó]n|la pr[oó]xima|nadie (?:sab[ií]a|vio)|deber[ií]amos haber",
    r"n[aä]chstes mal|gelernt|h[aä]tten .{0,30}sollen|niemand (?:wusste|hat gemerkt)|gl[uü]ck",
)
PROMISE = _any(
    r"i'?ll|i will|i can|can i|i'?m going to|let me|mine|me,|action(?: item)?s?:?|todo:?|to ?do:?|ai:|follow[- ]?up:?|we (?:need to|must|will|should)|needs? (?:a|an|to|more|two)",
    r"vou|eu (?:fa[cç]o|cuido|abro)|a fazer|a[cç][aã]o:?|precisamos|temos que|fica comigo|voy a|yo (?:hago|me encargo)|acci[oó]n:?|tenemos que|hay que",
    r"ich (?:werde|mache|k[uü]mmere|baue|schreibe)|wir (?:m[uü]ssen|sollten)|ma(?:ß|ss)nahme:?|aufgabe:?",
)
IMPERATIVE = re.compile(
    r"^\W*(?:\(?\d+[.):]\s*|[-*•]\s*)?(?:add|alert|automate|block|build|bump|change|check|clean|configure|create|cut|delete|disable|document|drop|enable|enforce"
    r"|ensure|extend|fix|increase|limit|lower|make|migrate|monitor|move|open|page|pin|put|raise|remove|rename|replace|review|revoke|rotate|run|schedule"
    r"|set|split|stop|test|track|tune|update|upgrade|use|validate|verify|write|adicionar|criar|corrigir|testar|documentar|revisar|remover|mudar|alertar"
    r"|agregar|crear|corregir|probar|documentar|quitar|cambiar)\b",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"^\W*\(?\d{1,2}[.):]\s+\S")
EXPLICIT_ACTION = re.compile(r"^\W*(?:action(?: item)?|todo|to do|ai|follow[- ]?up|a[cç][aã]o|acci[oó]n|ma(?:ß|ss)nahme|aufgabe)\s*\d*\s*[:\-–]\s*", re.IGNORECASE)
# Words addressed to whoever writes the report instead of to the people in the channel.
INJECTED = _any(
    r"ignore (?:all |any |the |your )?(?:previous |prior |above |earlier )?(?:instructions?|rules|prompts?)|disregard (?:all |any |the |your )?(?:previous|prior|above|instructions?)",
    r"system prompt|you are (?:now )?(?:an?|the) (?:ai|assistant|bot|report|language)|as an ai|(?:bot|drbot|assistant|ai|report)[,:]? (?:please )?(?:write|set|state|report|record|mark|add|put|say|note|list|include|delete|remove)",
    r"(?:write|put|state|say|record|set|report|list) (?:in|into) the (?:incident )?report|in the (?:incident )?report[,:]? (?:write|say|state|put|set|blame)|set (?:the )?(?:root cause|severity|owner|impact|resolution) (?:to|as|=)|(?:root cause|severity|resolution|impact|owner)\s*(?::=|==?)",
    r"begin (?:report|system)|end of (?:transcript|channel|instructions)|report[- ]?writer|new instructions?",
    r"ignor[ea] (?:as |todas as |las |todas las )?instru[cç]\w+|ignoriere (?:alle |die )?(?:vorherigen )?anweisung\w*",
)
CORRECTED = _any(
    r"correction|correct(?:ing|ed)|typo|sorry|oops|i mean(?:t)?|meant|misread|wrong (?:row|number|column|line|graph|time|zone|day)|make that|actually|errata|scratch that|not",
    r"corre[cç][aã]o|corrigindo|corrijo|quer dizer|quis dizer|digo|perd[aã]o|desculp\w+|errei|ali[aá]s|na verdade|correcci[oó]n|quise decir|perd[oó]n|me equivoqu[eé]|en realidad",
    r"korrektur|sorry|meinte|vertippt|verlesen|falsche \w+|eigentlich|nicht",
)
CLEAR_CORRECTION = _any(
    r"correction|correcting|typo|oops|i mean(?:t)?|meant|misread|wrong (?:row|number|column|line|graph|time|zone|day)|make that|scratch that|sorry",
    r"corre[cç][aã]o|corrigindo|corrijo|quis dizer|digo|desculp\w+|errei|ali[aá]s|correcci[oó]n|quise decir|perd[oó]n|perd[aã]o|me equivoqu[eé]|korrektur|meinte|vertippt|verlesen",
)
LOOKING_RUN = re.compile(r"\b(?:look|show|list|check|verify-backup|status|inspect|dump|backup|diagnos\w*|activity|survey)\b", re.IGNORECASE)
REGRADED = re.compile(
    r"\b(?:lowering|raising|downgrading|upgrading|bumping|dropping|moving|setting|making|lowered|raised|downgraded|upgraded"
    r"|baixando|subindo|rebaixando|elevando|bajando|subiendo|stufe\w*|setze)\b[^.?!\n]{0,40}?\bsev[- ]?(?P<level>[1-4])\b",
    re.IGNORECASE,
)
DEED = re.compile(
    r"^\W*(?:restart|reboot|roll ?back|revert|retry|try|open|close|kill|scale|reload|flush|deploy|redeploy|fail ?over|reiniciar?|reinicia\w*|neustart\w*)\b",
    re.IGNORECASE,
)
WH = re.compile(r"^\W*(?:who|what|when|where|which|how|did|do|does|is|are|quem|o que|quando|qui[eé]n|qu[eé]|wer|was|wann)\b", re.IGNORECASE)
WITHDRAWN = re.compile(
    r"^\W*(?:ok(?:ay)?,? )?(?:not now|never ?mind|false alarm|no,? wait|wait,? no|scratch that|ignore (?:that|me)|forget it|deixa|esquece|olv[ií]dalo|vergiss es)\b",
    re.IGNORECASE,
)
