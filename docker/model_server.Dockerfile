# The model server, for processors or NVIDIA GPUs. torch brings the CUDA libraries; the host provides only the driver.
#
# TORCH_INDEX: the package index to take torch from, like MASKLOOM_TORCH_INDEX. `any` takes pip's default, the CUDA build.

FROM python:3.11.14-slim-bookworm
RUN useradd --uid 10001 --no-create-home --home-dir /tmp maskloom \
    && install --directory --owner maskloom --group maskloom /data /data/models
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY .ci/install_torch.py .ci/install_torch.py
ARG TORCH_INDEX=any
RUN MASKLOOM_TORCH_INDEX="$TORCH_INDEX" PIP_NO_CACHE_DIR=1 python .ci/install_torch.py
COPY migrations migrations
COPY backend backend
COPY model_server model_server
RUN pip install --no-cache-dir -c constraints.txt -e '.[model]'

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp \
    MASKLOOM_DATA_DIR=/data MASKLOOM_MODEL_HOST=0.0.0.0 MASKLOOM_MODEL_PORT=8001
USER maskloom
VOLUME /data
EXPOSE 8001
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s CMD ["python", "-m", "model_server.serving.ready"]
CMD ["python", "-m", "model_server"]
