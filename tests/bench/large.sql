-- The demo's salon grown to more than a gigabyte: made-up rows, the same every time. Run it over data/demo/salon.sql.
CREATE TABLE auditoria (
    id bigserial PRIMARY KEY,
    usuario_id bigint NOT NULL REFERENCES usuarios,
    acao text NOT NULL,
    dados jsonb NOT NULL,
    em timestamptz NOT NULL
);
CREATE INDEX auditoria_usuario ON auditoria (usuario_id, em);
CREATE TABLE imagens (
    id bigserial PRIMARY KEY,
    salao_id bigint NOT NULL REFERENCES saloes,
    chave text NOT NULL UNIQUE,
    sha256 text NOT NULL,
    meta jsonb NOT NULL
);
CREATE INDEX imagens_meta ON imagens USING gin (meta jsonb_path_ops);
CREATE INDEX agendamentos_profissional ON agendamentos (profissional_id, inicio);
CREATE INDEX pagamentos_dia ON pagamentos (pago_em);

CREATE FUNCTION frase(semente bigint, palavras int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg((ARRAY['cliente', 'pediu', 'corte', 'mais', 'curto', 'gosta', 'café', 'alergia', 'tinta', 'volta',
        'em', 'duas', 'semanas', 'prefere', 'manhã', 'atrasou', 'quinze', 'minutos', 'pagou', 'no', 'balcão', 'indicou',
        'uma', 'amiga', 'remarcou', 'por', 'chuva'])[1 + (hashint8(semente * 31 + n) & 2147483647) % 27], ' ')
    FROM generate_series(1, palavras) AS n
$$;

INSERT INTO usuarios (nome, email, telefone, criado_em)
SELECT 'Pessoa ' || n, 'pessoa' || n || '@example.org', '+5511' || lpad((n * 7919 % 1000000000)::text, 9, '0'),
       timestamptz '2023-01-01 00:00Z' + n * interval '5 minutes'
FROM generate_series(1, 250000) AS n;

INSERT INTO agendamentos (usuario_id, profissional_id, servico_id, inicio, estado, observacao)
SELECT u.id, p.id, s.id, timestamptz '2023-01-01 08:00Z' + n * interval '70 seconds',
       (ARRAY['marcado', 'confirmado', 'concluido', 'concluido', 'cancelado', 'ausente'])[1 + n % 6]::estado_agendamento,
       CASE WHEN n % 3 > 0 THEN frase(n, 6 + n % 9) END
FROM generate_series(1, :visits) AS n
JOIN LATERAL (SELECT (SELECT min(id) FROM usuarios) + n * 48271::bigint % 250000 AS id) AS u ON true
JOIN LATERAL (SELECT (SELECT min(id) FROM profissionais) + n % (SELECT count(*) FROM profissionais) AS id) AS p ON true
JOIN LATERAL (SELECT (SELECT min(id) FROM servicos) + n % (SELECT count(*) FROM servicos) AS id) AS s ON true;

INSERT INTO pagamentos (agendamento_id, valor, meio, comprovante, pago_em)
SELECT a.id, 20 + a.id * 37 % 400, (ARRAY['pix', 'cartão', 'dinheiro'])[1 + a.id % 3],
       CASE WHEN a.id % 4 = 0 THEN sha256(a.id::text::bytea) END, a.inicio + interval '1 hour'
FROM agendamentos AS a
WHERE NOT EXISTS (SELECT FROM pagamentos AS b WHERE b.agendamento_id = a.id) AND a.id % 9 > 0;

INSERT INTO auditoria (usuario_id, acao, dados, em)
SELECT (SELECT min(id) FROM usuarios) + n * 48271::bigint % 250000,
       (ARRAY['entrar', 'marcar', 'pagar', 'avaliar', 'sair'])[1 + n % 5],
       jsonb_build_object('ip', format('198.51.100.%s', n % 256), 'pedido', md5(n::text), 'texto', frase(n, 5)),
       timestamptz '2023-01-01 00:00Z' + n * interval '90 seconds'
FROM generate_series(1, :visits / 2) AS n;

INSERT INTO imagens (salao_id, chave, sha256, meta)
SELECT (SELECT min(id) FROM saloes) + n % (SELECT count(*) FROM saloes), 'saloes/' || md5(n::text) || '.jpg',
       encode(sha256(n::text::bytea), 'hex'),
       jsonb_build_object('largura', 640 + n % 5 * 320, 'etiquetas', jsonb_build_array(frase(n, 1), frase(n + 1, 1)))
FROM generate_series(1, :visits / 5) AS n;
