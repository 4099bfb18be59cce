# The only service that can be reached from outside. With an https origin it obtains and renews its own certificate.

FROM caddy:2.11.4-alpine
COPY docker/Caddyfile /etc/caddy/Caddyfile
RUN adduser -D -H -u 10001 maskloom && chown -R maskloom:maskloom /data /config
USER maskloom
EXPOSE 80 443
HEALTHCHECK --interval=10s --timeout=5s CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8081/"]
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
