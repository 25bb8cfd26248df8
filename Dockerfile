# The bot alone: non-root, no compiler, its state in /var/lib/drbot.
FROM python:3.12-slim
RUN useradd --system --create-home --home-dir /var/lib/drbot drbot
WORKDIR /srv/drbot
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.txt
COPY pyproject.toml README.md ./
COPY bot bot
COPY actions actions
COPY templates templates
COPY data data
RUN printf '#!/bin/sh\nexec python -m bot.cli "$@"\n' > /usr/local/bin/dr && chmod +x /usr/local/bin/dr
USER drbot
ENV PYTHONPATH=/srv/drbot PYTHONUNBUFFERED=1 \
    DR_PLAN=/srv/drbot/data/belezza.yaml \
    DR_DATABASE_URL=sqlite:////var/lib/drbot/drbot.db \
    DR_LISTEN=0.0.0.0:8080
VOLUME /var/lib/drbot
EXPOSE 8080
# Listening beyond loopback needs DR_WEBHOOK_TOKEN; without it the bot refuses to start and says so.
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["dr"]
CMD ["serve"]
