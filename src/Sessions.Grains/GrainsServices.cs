using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Sessions.Grains;

/// <summary>What a silo needs besides Orleans itself to run the grains.</summary>
public static class GrainsServices
{
    /// <summary>Options and the clock. The ports (<see cref="IJournal"/> and the stores) come from elsewhere.</summary>
    public static IServiceCollection AddSessionsGrains(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SessionOptions>()
            .Bind(configuration.GetSection(SessionOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddHostedService<DeadSiloWatch>();
        services.AddHostedService<GapCloser>();
        return services;
    }
}
