using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sessions.Gateway.Access;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway;

/// <summary>Everything the gateway is made of. The host brings an <c>NpgsqlDataSource</c> and Orleans' cluster client.</summary>
public static class GatewayComposition
{
    /// <summary>Registers what the gateway needs.</summary>
    public static IServiceCollection AddSessionsGateway(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<AccessOptions>()
            .Bind(configuration.GetSection("Sessions:Access"))
            .ValidateDataAnnotations()
            .ValidateOnStart();

        services.AddSingleton<ProjectQueries>();
        services.AddSingleton<ProjectDirectory>();
        services.AddHostedService(provider => provider.GetRequiredService<ProjectDirectory>());
        return services;
    }

    /// <summary>Maps everything the gateway answers.</summary>
    public static WebApplication MapSessionsGateway(this WebApplication app)
    {
        return app;
    }
}
