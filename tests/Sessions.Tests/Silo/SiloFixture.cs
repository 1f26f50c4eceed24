using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Orleans.Configuration;
using Orleans.TestingHost;
using Sessions.Database;
using Sessions.Host.Configuration;
using Sessions.Host.Roles;
using Sessions.Silo;
using Sessions.Silo.Devices;
using Sessions.Silo.PersonData;
using Sessions.Silo.Sessions;

namespace Sessions.Tests.Silo;

/// <summary>
/// Silos in this process with the real journal on a real Postgres. The grains' clock is a fake one that starts at
/// the real time; Orleans' own loops keep to the system's.
/// </summary>
public sealed class SiloFixture(TestPostgres postgres) : IAsyncLifetime
{
    private readonly RecentWarnings _warnings = new();
    private InProcessTestCluster? _cluster;
    private NpgsqlDataSource? _database;
    private string _connectionString = "";

    public FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

    public InProcessTestCluster Cluster => _cluster!;

    public NpgsqlDataSource Database => _database!;

    /// <summary>What its silo knows of who was forgotten.</summary>
    internal IForgottenPersons Forgotten => Cluster.Silos[0].ServiceProvider.GetRequiredService<IForgottenPersons>();

    /// <summary>Where its devices find their sessions.</summary>
    internal IDeviceStore Devices => Cluster.Silos[0].ServiceProvider.GetRequiredService<IDeviceStore>();

    /// <summary>What its silo warned of last.</summary>
    public string Warnings => _warnings.ToString();

    public string NewProject() => postgres.NewProject();

    public IUserDeviceGrain Device(string project, string distinctId, string? deviceId = null) =>
        Cluster.Client.GetGrain<IUserDeviceGrain>(UserDeviceKey.Create(project, distinctId, deviceId));

    public ISessionGrain Session(string project, Guid sessionId) =>
        Cluster.Client.GetGrain<ISessionGrain>(SessionKey.Create(project, sessionId));

    public async ValueTask InitializeAsync() => await Start(await postgres.CreateDatabase());

    /// <summary>A cluster of its own on the same database: as a network that is cut in two leaves them.</summary>
    public async Task<SiloFixture> OtherSide()
    {
        SiloFixture other = new(postgres);
        // Tests of this side may have moved its clock on. Both sides have the same time.
        if (Clock.GetUtcNow() > other.Clock.GetUtcNow())
        {
            other.Clock.SetUtcNow(Clock.GetUtcNow());
        }

        await other.Start(_connectionString);
        return other;
    }

    private async Task Start(string connectionString)
    {
        _connectionString = connectionString;
        _database = NpgsqlDataSource.Create(connectionString);
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Sessions:MaxSessionEvents"] = "50",
                // Gateways read it; to a silo it says that sessions have a country.
                ["Sessions:GeoIp:File"] = "countries.mmdb",
                ["Sessions:Journal:CheckpointSeconds"] = "0.1",
                ["Sessions:Persons:Every"] = "00:00:00.1",
            })
            .Build();
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((options, silo) =>
        {
            silo.UseInMemoryReminderService();
            silo.AddProjectStorage(SiloRole.OrleansConnectionString(connectionString, new ClusterSettings(), options.SiloName));
            silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
            silo.Services.AddSingleton<TimeProvider>(Clock);
            silo.Services.AddLogging(logging => logging.AddProvider(_warnings));
            // Measured by the tests' clock, which is set forward faster than any silo finds a place for a grain.
            silo.Configure<SiloMessagingOptions>(messaging => messaging.PlacementTimeout = TimeSpan.FromDays(1));
            silo.Services.AddSessionsDatabase(connectionString);
            silo.Services.AddSessionsJournal(configuration, connectionString, options.SiloName);
            silo.Services.AddSessionsGrains(configuration);
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    /// <summary>Moves the clock on in small steps until something holds.</summary>
    public async Task Until(Func<Task<bool>> holds, TimeSpan? step = null)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(1), $"It did not come to hold within a minute. {_warnings}");
            Clock.Advance(step ?? TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>Lets every activation go, so that the next call begins from what is stored.</summary>
    public async Task ForgetActivations()
    {
        IManagementGrain management = Cluster.Client.GetGrain<IManagementGrain>(0);
        long begun = TimeProvider.System.GetTimestamp();
        do
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(1), "Activations stayed for a minute.");
            await management.ForceActivationCollection(TimeSpan.Zero);
        }
        // One that has just answered counts as busy for a moment, and stays.
        while ((await management.GetSimpleGrainStatistics()).Any(type => type.ActivationCount > 0
            && (type.GrainType.Contains(nameof(UserDeviceGrain), StringComparison.Ordinal)
                || type.GrainType.Contains(nameof(SessionGrain), StringComparison.Ordinal))));
    }
}
