using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Serialization;
using Orleans.Storage;
using Sessions.Grains;
using Sessions.Host.Configuration;
using Sessions.Host.Telemetry;
using Sessions.Host.Tls;
using Sessions.Postgres;
using Sessions.Postgres.Queries;
using Sessions.Postgres.Time;

namespace Sessions.Host.Roles;

/// <summary>A silo: grains, reminders and the journal's writer, in a cluster that Postgres knows.</summary>
internal static class SiloRole
{
    /// <summary>What Orleans' providers ask for: the name of Npgsql's factory.</summary>
    public const string Invariant = "Npgsql";

    private const string MembershipSection = "Membership";
    // Orleans' reminders ask for a clock by it.
    private const string RemindersTime = "Orleans.Reminders";
    private const string IdleTimeout = "Sessions:IdleTimeout";

    /// <summary>The silo's name among its fellows' connections and logs.</summary>
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

            orleansBuilder.UseClusterTls(tls);
            orleansBuilder.Configure<ClusterOptions>(options => Name(options, cluster));
            orleansBuilder.Configure<SiloOptions>(options => options.SiloName = silo.Name ?? options.SiloName);
            orleansBuilder.Configure<ClusterMembershipOptions>(configuration.GetSection(MembershipSection));
            orleansBuilder.Configure<GrainCollectionOptions>(options =>
            {
                options.CollectionAge = silo.GrainAge;
                // Any grain can be loaded again, so a flood of new devices need not fill the memory.
                options.EnableActivationSheddingOnMemoryPressure = true;
            });
            orleansBuilder.ConfigureEndpoints(
                address, silo.Port, silo.ClientPort, listenOnAnyHostAddress: !IPAddress.IsLoopback(address));
            orleansBuilder.UseAdoNetClustering((AdoNetClusteringSiloOptions options) =>
                (options.Invariant, options.ConnectionString) = (Invariant, orleans));
            orleansBuilder.AddSessionsReminders();
            // Without names of .NET types in the stored JSON, so that a type may be renamed.
            orleansBuilder.UseSystemTextJsonGrainStorageSerializer();
            orleansBuilder.AddProjectStorage(orleans);
            // Without its live log: that shows every line the silo writes to whoever opens the page.
            orleansBuilder.AddDashboard(options =>
            {
                options.HideTrace = true;
                // It goes over all activations to count them: at Orleans' own second that is a good part of a core when
                // there are many.
                options.CounterUpdateIntervalMs = 10_000;
            });
        });
        builder.Services.Replace(ServiceDescriptor.Singleton<ILocalSiloDetails, SiloIdentity>());
        builder.Services.AddSteadyTime();
    }

    /// <summary>
    /// What Orleans does in the background runs by a clock that nobody sets: it makes no activation when its clock has gone
    /// back, for as long as that was. Grains and reminders have the clock that the data has.
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
    /// Where grains keep their settings. In Orleans' own form, in which members have numbers: the usual one writes the
    /// names of .NET types into Postgres, and renaming one would lose what is stored.
    /// </summary>
    public static void AddProjectStorage(this ISiloBuilder silo, string orleans) =>
        silo.AddAdoNetGrainStorageAsDefault(storage => storage.Configure<Serializer>((options, serializer) =>
            (options.Invariant, options.ConnectionString, options.GrainStorageSerializer) =
            (Invariant, orleans, new OrleansGrainStorageSerializer(serializer))));

    public static void Name(ClusterOptions options, ClusterSettings cluster) =>
        (options.ClusterId, options.ServiceId) = (cluster.ClusterId, cluster.ServiceId);

    /// <summary>The connection string for Orleans' own tables.</summary>
    public static string OrleansConnectionString(string postgres, ClusterSettings cluster, string process) =>
        new NpgsqlConnectionStringBuilder(postgres)
        {
            SearchPath = "orleans",
            MaxPoolSize = cluster.PostgresConnections,
            MinPoolSize = 0,
            // Orleans sends the same twenty statements for ever.
            MaxAutoPrepare = 40,
            ApplicationName = $"orleans {process}",
        }.ConnectionString;

    private static void CheckGrainAge(IConfiguration configuration, SiloSettings silo)
    {
        if (TimeSpan.TryParse(configuration[IdleTimeout], out TimeSpan idle) && silo.GrainAge <= idle)
        {
            throw new ConfigurationException(
                $"Silo:GrainAge ({silo.GrainAge:c}) must be longer than {IdleTimeout} ({idle:c}), or a live session leaves memory before it ends");
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
            throw new ConfigurationException($"Silo:Address: '{address}' is neither an IP address nor a host that is known here", unknown);
        }
    }
}
