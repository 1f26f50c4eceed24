# The same program in every container; the command names its role: silo, gateway, columns, migrate. "health URL" is for checks,
# "certificates DIRECTORY" makes those of a cluster.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
# The SDK files that gateways serve come from npm.
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN npm ci --prefix src/Sessions.Web --ignore-scripts --no-audit --no-fund
ARG VERSION=
# A new volume gets its owner from the image's folder.
RUN mkdir -p /volumes/certificates /volumes/authority /volumes/columns
RUN dotnet publish src/Sessions.Host -c Release -p:RestoreLockedMode=true -o /app ${VERSION:+-p:Version=$VERSION}

# Chiseled: no shell, no package manager, not root. "extra" for its time zones, which projects name.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra
WORKDIR /app
COPY --from=build /app .
COPY --from=build --chown=$APP_UID:$APP_UID /volumes/ /
USER $APP_UID
EXPOSE 8000 11111 30000 9464
ENTRYPOINT ["dotnet", "Sessions.Host.dll"]
