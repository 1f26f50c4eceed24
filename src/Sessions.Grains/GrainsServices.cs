using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Serialization;

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
        services.TryAddSingleton<GrainMetrics>();
        services.AddProjectCache(configuration, (settings, provider) =>
            ProjectRules.Of(settings, provider.GetRequiredService<IOptions<SessionOptions>>().Value));
        services.TryAddSingleton(typeof(GrainFinder<>));
        services.AddOptions<LiveOptions>()
            .Bind(configuration.GetSection(LiveOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<LiveFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveFeed>());
        services.WriteStorageFailures();
        services.AddPlacementDirector<OnSiloOfKey, OnSiloOfKeyDirector>();
        services.AddHostedService<DeadSiloWatch>();
        services.AddSingleton<Wakefulness>();
        services.AddHostedService(provider => provider.GetRequiredService<Wakefulness>());
        services.AddHostedService<GapCloser>();
        services.AddSingleton<RetentionSweep>();
        services.AddHostedService(provider => provider.GetRequiredService<RetentionSweep>());
        services.AddOptions<ReplaySweepOptions>()
            .Bind(configuration.GetSection(ReplaySweepOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<ReplaySweep>();
        services.AddHostedService(provider => provider.GetRequiredService<ReplaySweep>());
        services.AddPersonOptions(configuration);
        services.AddSingleton<PersonDeletionWork>();
        services.AddHostedService(provider => provider.GetRequiredService<PersonDeletionWork>());
        return services;
    }

    /// <summary>
    /// Lets failures of Npgsql go to other processes, as the cause of what Orleans' own storage throws: a failure that
    /// can't be written arrives as a fault in the program, and hides that the database was away.
    /// </summary>
    internal static IServiceCollection WriteStorageFailures(this IServiceCollection services) =>
        services.Configure<ExceptionSerializationOptions>(options => options.SupportedNamespacePrefixes.Add("Npgsql"));

    /// <summary>How persons are deleted, for those who do it and those who ask for it.</summary>
    public static IServiceCollection AddPersonOptions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PersonOptions>()
            .Bind(configuration.GetSection(PersonOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        return services;
    }

    /// <summary>Keeps what is made of projects' settings in this process' memory, up to date.</summary>
    public static IServiceCollection AddProjectCache<T>(
        this IServiceCollection services, IConfiguration configuration, Func<ProjectSettings, IServiceProvider, T> make)
    {
        services.AddOptions<ProjectOptions>()
            .Bind(configuration.GetSection(ProjectOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(provider =>
        {
            IGrainFactory grains = provider.GetRequiredService<IGrainFactory>();
            return new ProjectCache<T>(
                project => grains.GetGrain<IProjectGrain>(ProjectKey.Create(project)).Get(),
                settings => make(settings, provider),
                provider.GetRequiredService<IOptions<ProjectOptions>>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ProjectCache<T>>>());
        });
        services.AddHostedService(provider => provider.GetRequiredService<ProjectCache<T>>());
        return services;
    }
}
