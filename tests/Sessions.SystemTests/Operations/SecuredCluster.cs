using Npgsql;
using Sessions.SystemTests.Harness;
using Sessions.Tests.Host.Tls;

namespace Sessions.SystemTests.Operations;

/// <summary>Two silos and a gateway that speak TLS with each other and with Postgres, with certificates made for them.</summary>
public sealed class SecuredCluster : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private OwnPostgres? _postgres;
    private RoleCluster? _cluster;

    public SecuredCluster()
    {
        Ours = new TestAuthority(_folder.Path, "ours");
        Others = new TestAuthority(_folder.Path, "others");
    }

    /// <summary>Who signs for this cluster.</summary>
    public TestAuthority Ours { get; }

    /// <summary>Somebody else.</summary>
    public TestAuthority Others { get; }

    public RoleCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster was not started.");

    /// <summary>The way to the Postgres that takes nobody without TLS, for clients that check whose certificate it has.</summary>
    public string Postgres { get; private set; } = "";

    /// <summary>The settings of a process that has a certificate.</summary>
    public static Dictionary<string, string> Settings((string Certificate, string Key) files, TestAuthority authority) => new()
    {
        ["Tls__Certificate"] = files.Certificate,
        ["Tls__Key"] = files.Key,
        ["Tls__Authority"] = authority.File,
    };

    /// <summary>The same way, trusting another authority.</summary>
    public string PostgresTrusting(TestAuthority authority, string database = "sessions") =>
        new NpgsqlConnectionStringBuilder(_postgres!.ConnectionString(database: database))
        {
            SslMode = SslMode.VerifyFull,
            RootCertificate = authority.File,
        }.ConnectionString;

    /// <summary>A database of its own on the same server.</summary>
    public async Task<string> NewDatabase(string name)
    {
        await _postgres!.Execute($"create database {name}");
        return PostgresTrusting(Ours, name);
    }

    public async ValueTask InitializeAsync()
    {
        _postgres = await OwnPostgres.Launch(Ours.Sign("postgres"));
        Postgres = PostgresTrusting(Ours);
        _cluster = new RoleCluster("tls", Postgres, new Dictionary<string, string> { ["Sessions__IdleTimeout"] = "00:30:00" });
        await _cluster.Migrate();
        string[] members = ["silo-1", "silo-2", "gateway-1"];
        foreach (string member in members)
        {
            _cluster.Begin(member, settings: Settings(Ours.Sign(member), Ours));
        }

        foreach (string member in members)
        {
            await _cluster.IsReady(member);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (_cluster?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_postgres?.DisposeAsync() ?? ValueTask.CompletedTask);
        Ours.Dispose();
        Others.Dispose();
        _folder.Dispose();
    }
}
