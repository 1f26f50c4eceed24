# The same program in every container; the command names its role: silo, gateway, migrate. "health URL" is for checks.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
# The SDK files that gateways serve come from npm.
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN npm ci --prefix src/Sessions.Gateway --ignore-scripts --no-audit --no-fund
ARG VERSION=
RUN dotnet publish src/Sessions.Host -c Release -o /app ${VERSION:+-p:Version=$VERSION}

# Chiseled: no shell, no package manager, not root. "extra" for its time zones, which projects name.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra
WORKDIR /app
COPY --from=build /app .
USER $APP_UID
EXPOSE 8000 11111 30000 9464
ENTRYPOINT ["dotnet", "Sessions.Host.dll"]
