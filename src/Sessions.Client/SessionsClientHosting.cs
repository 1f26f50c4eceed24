using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Client.Calls;
using Sessions.Client.Live;
using Sessions.Client.Tracking;

namespace Sessions;

/// <summary>Adds <see cref="ISessionsClient"/> to a host.</summary>
public static class SessionsClientHosting
{
    private static readonly TimeSpan PauseBetweenConnects = TimeSpan.FromMilliseconds(500);

    /// <summary>Connects the host to a cluster and registers <see cref="ISessionsClient"/>.</summary>
    /// <param name="builder">The host's builder: web, worker or console.</param>
    /// <param name="cluster">Configures the cluster: its ids, and how to find its silos.</param>
    /// <param name="configure">Changes options.</param>
    /// <example>
    /// <code>
    /// builder.UseSessionsClient(
    ///     cluster => cluster
    ///         .Configure&lt;ClusterOptions&gt;(options => (options.ClusterId, options.ServiceId) = (clusterId, "sessions"))
    ///         .UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", connectionString)),
    ///     options => options.Project = "default");
    /// </code>
    /// </example>
    public static IHostApplicationBuilder UseSessionsClient(
        this IHostApplicationBuilder builder, Action<IClientBuilder> cluster, Action<SessionsClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(cluster);
        builder.UseOrleansClient(client => Connect(client, cluster, configure));
        builder.Services.AddSessionsClient(configure);
        return builder;
    }

    /// <inheritdoc cref="UseSessionsClient(IHostApplicationBuilder, Action{IClientBuilder}, Action{SessionsClientOptions}?)"/>
    public static IHostBuilder UseSessionsClient(
        this IHostBuilder builder, Action<IClientBuilder> cluster, Action<SessionsClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(cluster);
        return builder
            .UseOrleansClient(client => Connect(client, cluster, configure))
            .ConfigureServices(services => services.AddSessionsClient(configure));
    }

    /// <summary>
    /// Registers only <see cref="ISessionsClient"/>, for a host that already has an Orleans client or is a silo. Call
    /// it after you register the Orleans client or silo, so that the queue is sent before that stops.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Changes options.</param>
    public static IServiceCollection AddSessionsClient(
        this IServiceCollection services, Action<SessionsClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<SessionsClientOptions>().Configure(configure ?? (_ => { })).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SessionsClientOptions>, SessionsClientOptionsCheck>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => SessionGrains.Of(provider.GetRequiredService<IGrainFactory>()));
        services.TryAddSingleton(provider => LiveFeeds.Of(provider.GetRequiredService<IGrainFactory>()));
        services.TryAddSingleton(provider => new HedgedCall(
            provider.GetRequiredService<IOptions<SessionsClientOptions>>().Value.Times,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<HedgedCall>>()));
        services.TryAddSingleton<DeviceTracking>();
        services.TryAddSingleton<EventQueue>();
        services.TryAddSingleton<SessionFollower>();
        services.TryAddSingleton<ISessionsClient, SessionsClient>();
        services.AddHostedService(provider => provider.GetRequiredService<EventQueue>());
        services.AddHostedService(provider => provider.GetRequiredService<SessionFollower>());
        return services;
    }

    private static void Connect(IClientBuilder client, Action<IClientBuilder> cluster, Action<SessionsClientOptions>? configure)
    {
        SessionsClientOptions options = new();
        configure?.Invoke(options);
        long begun = 0;
        client.UseConnectionRetryFilter(async (failure, cancellation) =>
        {
            // Backends and silos may start at the same time.
            begun = begun == 0 ? TimeProvider.System.GetTimestamp() : begun;
            if (TimeProvider.System.GetElapsedTime(begun) > options.ConnectPatience)
            {
                return false;
            }

            await Task.Delay(PauseBetweenConnects, TimeProvider.System, cancellation);
            return true;
        });
        if (options.PropagateActivity)
        {
            client.AddActivityPropagation();
        }

        cluster(client);
    }
}
