# The backend with the built front end. One image serves, runs jobs (tuning a model needs torch) and migrates.
#
# TORCH_INDEX: as in model_server.Dockerfile.

FROM node:24.20.0-trixie-slim AS front-end
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run --silent build

FROM python:3.11.14-slim-bookworm
RUN useradd --uid 10001 --no-create-home --home-dir /tmp maskloom \
    && install --directory --owner maskloom --group maskloom /data /data/models
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY .ci/install_torch.py .ci/install_torch.py
ARG TORCH_INDEX=any
RUN MASKLOOM_TORCH_INDEX="$TORCH_INDEX" PIP_NO_CACHE_DIR=1 python .ci/install_torch.py
COPY migrations migrations
COPY model_server model_server
COPY backend backend
RUN pip install --no-cache-dir -c constraints.txt -e '.[model]'
COPY --from=front-end /app/frontend/dist frontend/dist

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp \
    MASKLOOM_DATA_DIR=/data MASKLOOM_FRONTEND_DIR=/app/frontend/dist
USER maskloom
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-m", "backend.health.ready"]
CMD ["python", "-m", "backend", "serve", "--host", "0.0.0.0", "--behind-proxy"]
