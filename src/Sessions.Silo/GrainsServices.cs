using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Serialization;
using Sessions.Client.Projects;
using Sessions.Client.Tracking;
using Sessions.Database.Persons;
using Sessions.Silo.Devices;
using Sessions.Silo.Erasure;
using Sessions.Silo.Journal;
using Sessions.Silo.Live;
using Sessions.Silo.Membership;
using Sessions.Silo.ProjectDeletion;
using Sessions.Silo.Projects;
using Sessions.Silo.Replay;
using Sessions.Silo.Replay.Clicks;
using Sessions.Silo.Retention;
using Sessions.Silo.Sessions;

namespace Sessions.Silo;

/// <summary>Registers the services that the grains need besides Orleans itself.</summary>
public static class GrainsServices
{
    /// <summary>
    /// Registers options and the clock. The ports (<see cref="IJournal"/> and the stores) are registered by
    /// <see cref="StoreServices"/>.
    /// </summary>
    public static IServiceCollection AddSessionsGrains(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SessionOptions>()
            .Bind(configuration.GetSection(SessionOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GrainMetrics>();
        services.TryAddSingleton<SessionOpenings>();
        services.TryAddSingleton<SessionPorts>();
        services.AddProjectCache(configuration, (settings, provider) =>
            ProjectRules.Of(settings, provider.GetRequiredService<IOptions<SessionOptions>>().Value));
        services.TryAddSingleton(typeof(GrainFinder<>));
        services.TryAddSingleton<NearDevices>();
        services.TryAddSingleton<TrackNear>(provider => provider.GetRequiredService<NearDevices>().Track);
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
        services.AddOptions<RetentionOptions>()
            .Bind(configuration.GetSection(RetentionOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<RetentionSweep>();
        services.AddHostedService(provider => provider.GetRequiredService<RetentionSweep>());
        services.AddOptions<ReplaySweepOptions>()
            .Bind(configuration.GetSection(ReplaySweepOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<ReplaySweep>();
        services.AddHostedService(provider => provider.GetRequiredService<ReplaySweep>());
        services.AddOptions<ClickSearchOptions>()
            .Bind(configuration.GetSection(ClickSearchOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<ClickSearchWork>();
        services.AddHostedService(provider => provider.GetRequiredService<ClickSearchWork>());
        services.AddPersonOptions(configuration);
        services.AddSingleton<PersonDeletionWork>();
        services.AddHostedService(provider => provider.GetRequiredService<PersonDeletionWork>());
        services.AddOptions<ProjectDeletionOptions>()
            .Bind(configuration.GetSection(ProjectDeletionOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<ProjectDeletionWork>();
        services.AddHostedService(provider => provider.GetRequiredService<ProjectDeletionWork>());
        return services;
    }

    /// <summary>
    /// Allows exceptions of Npgsql to be serialized as inner exceptions of Orleans' storage exceptions. Without this,
    /// the caller gets a serialization failure instead, which looks like a defect in the program and hides that the
    /// database was away.
    /// </summary>
    internal static IServiceCollection WriteStorageFailures(this IServiceCollection services) =>
        services.Configure<ExceptionSerializationOptions>(options => options.SupportedNamespacePrefixes.Add("Npgsql"));
}
