using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Serialization;
using Orleans.Storage;
using Sessions.Database.Connections;
using Sessions.Database.Time;
using Sessions.Host.Configuration;
using Sessions.Host.Telemetry;
using Sessions.Host.Tls;
using Sessions.Queries;
using Sessions.Silo;

namespace Sessions.Host.Roles;

/// <summary>A silo: grains, reminders and the journal's writer, in a cluster whose membership is in Postgres.</summary>
internal static class SiloRole
{
    /// <summary>The provider name that Orleans uses for Npgsql.</summary>
    public const string Invariant = "Npgsql";

    private const string MembershipSection = "Membership";
    private const int SecondsForAHost = 2;
    private const int SecondsForAStatement = 10;
    // Orleans' reminders request their clock under this key.
    private const string RemindersTime = "Orleans.Reminders";
    private const string IdleTimeout = "Sessions:IdleTimeout";

    /// <summary>The silo's name in connections and logs.</summary>
    public static string NameOf(IConfiguration configuration) =>
        configuration.Read<SiloSettings>(SiloSettings.Section).Name ?? "silo";

    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public static void AddSilo(this IHostApplicationBuilder builder)
    {
        IConfiguration configuration = builder.Configuration;
        ClusterSettings cluster = configuration.Read<ClusterSettings>(ClusterSettings.Section);
        SiloSettings silo = configuration.Read<SiloSettings>(SiloSettings.Section);
        configuration.Read<ClusterMembershipOptions>(MembershipSection);
        CheckGrainAge(configuration, silo);
        string postgres = configuration.RequirePostgres();
        string orleans = OrleansConnectionString(postgres, cluster, silo.Name ?? "silo");
        IPAddress address = Resolve(silo.Address);
        IPAddress listening = string.IsNullOrEmpty(silo.ListenAddress) ? address : IPAddress.Parse(silo.ListenAddress);
        TlsSettings.RequireBeyondLoopback(configuration, listening);

        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = silo.StopTimeout);
        builder.Services.AddSessionsJournal(configuration, postgres, silo.Name ?? "silo");
        builder.Services.AddSessionsGrains(configuration);
        builder.Services.TryAddSingleton<PingQuery>();
        builder.Services.AddSingleton<SiloReady>();
        bool traces = TelemetrySettings.Read(configuration).Traces;
        TlsSettings? tls = TlsSettings.Read(configuration);
        builder.UseOrleans(orleansBuilder =>
        {
            if (traces)
            {
                orleansBuilder.AddActivityPropagation();
            }

            _ = tls is null ? orleansBuilder.UseClusterIdGate(cluster.Id) : orleansBuilder.UseClusterTls(tls);
            orleansBuilder.Configure<ClusterOptions>(options => Name(options, cluster));
            orleansBuilder.Configure<SiloOptions>(options => options.SiloName = silo.Name ?? options.SiloName);
            orleansBuilder.Configure<ClusterMembershipOptions>(configuration.GetSection(MembershipSection));
            orleansBuilder.Configure<GrainCollectionOptions>(options =>
            {
                options.CollectionAge = silo.GrainAge;
                // Every grain can be loaded again, so a flood of new devices need not fill the memory.
                options.EnableActivationSheddingOnMemoryPressure = true;
            });
            orleansBuilder.ConfigureEndpoints(address, silo.Port, silo.ClientPort, listenOnAnyHostAddress: false);
            orleansBuilder.Configure<EndpointOptions>(options =>
            {
                options.SiloListeningEndpoint = new IPEndPoint(listening, silo.Port);
                options.GatewayListeningEndpoint = new IPEndPoint(listening, silo.ClientPort);
            });
            orleansBuilder.UseAdoNetClustering((AdoNetClusteringSiloOptions options) =>
                (options.Invariant, options.ConnectionString) = (Invariant, orleans));
            orleansBuilder.AddSessionsReminders();
            orleansBuilder.AddProjectStorage(orleans);
            // Without its live log, which would show every log line of the silo on the page.
            orleansBuilder.AddDashboard(options =>
            {
                options.HideTrace = true;
                // The dashboard counts all activations. At Orleans' default of a second this takes a good part of a
                // core when there are many.
                options.CounterUpdateIntervalMs = 10_000;
            });
        });
        builder.Services.Replace(ServiceDescriptor.Singleton<ILocalSiloDetails, SiloIdentity>());
        builder.Services.AddSteadyTime();
    }

    /// <summary>
    /// Orleans' background work uses a clock that can't be set: while its clock is behind an earlier time, Orleans
    /// creates no activations. Grains and reminders use the clock of the data.
    /// </summary>
    private static void AddSteadyTime(this IServiceCollection services)
    {
        ServerClock steady = new(TimeProvider.System);
        steady.Set(TimeProvider.System.GetUtcNow(), TimeProvider.System.GetTimestamp(), TimeSpan.Zero);
        services.AddKeyedSingleton<TimeProvider>(KeyedService.AnyKey, (_, _) => steady);
        foreach (string area in (string[])[TimeProviderNames.Grains, RemindersTime])
        {
            services.AddKeyedSingleton(area, (provider, _) => provider.GetRequiredService<TimeProvider>());
        }
    }

    /// <summary>
    /// Adds the storage of project grains, with Orleans' own serializer, which identifies members by numbers. The
    /// default serializer writes names of .NET types into Postgres, and renaming a type would lose its stored state.
    /// </summary>
    public static void AddProjectStorage(this ISiloBuilder silo, string orleans) =>
        silo.AddAdoNetGrainStorageAsDefault(storage => storage.Configure<Serializer>((options, serializer) =>
            (options.Invariant, options.ConnectionString, options.GrainStorageSerializer) =
            (Invariant, orleans, new OrleansGrainStorageSerializer(serializer))));

    public static void Name(ClusterOptions options, ClusterSettings cluster) =>
        (options.ClusterId, options.ServiceId) = (cluster.Id, cluster.ServiceId);

    /// <summary>The connection string for Orleans' own tables.</summary>
    public static string OrleansConnectionString(string postgres, ClusterSettings cluster, string process)
    {
        NpgsqlConnectionStringBuilder settings = new(postgres)
        {
            SearchPath = "orleans",
            MaxPoolSize = cluster.PostgresConnections,
            MinPoolSize = 0,
            // Orleans sends the same twenty statements again and again.
            MaxAutoPrepare = 40,
            // Orleans' statements leave no state in the session.
            NoResetOnClose = true,
            ApplicationName = $"orleans {process}",
        };
        if (PostgresAddress.HasSeveralHosts(settings))
        {
            // While a host is away, Orleans waits for it every few seconds before it asks the next one.
            (settings.Timeout, settings.CommandTimeout) = (SecondsForAHost, SecondsForAStatement);
        }

        return settings.ConnectionString;
    }

    private static void CheckGrainAge(IConfiguration configuration, SiloSettings silo)
    {
        if (TimeSpan.TryParse(configuration[IdleTimeout], out TimeSpan idle) && silo.GrainAge <= idle)
        {
            throw new ConfigurationException(
                $"Silo:GrainAge ({silo.GrainAge:c}) must be longer than {IdleTimeout} ({idle:c}), or a live session's grain is deactivated before the session ends");
        }
    }

    private static IPAddress Resolve(string address)
    {
        try
        {
            return IPAddress.TryParse(address, out IPAddress? literal)
                ? literal
                : Dns.GetHostAddresses(address, AddressFamily.InterNetwork).First();
        }
        catch (Exception unknown) when (unknown is SocketException or InvalidOperationException)
        {
            throw new ConfigurationException($"Silo:Address: '{address}' is neither an IP address nor a host name that this machine can resolve", unknown);
        }
    }
}
