using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using Orleans.Dashboard;
using Sessions.Database;
using Sessions.Host.Configuration;
using Sessions.Host.Roles;
using Sessions.Queries.Engines;
using Sessions.Queries.UserSql;
using Sessions.Run.Postgres;
using Sessions.Silo;
using Sessions.Silo.Checkpoints;
using Sessions.Silo.Projects;
using Sessions.Web;

namespace Sessions.Tests.Web;

/// <summary>The gateway as it is, on a real port, beside a silo in this process and a real Postgres.</summary>
public class TestGateway(TestPostgres postgres) : IAsyncLifetime
{
    private static int s_firstPort = 23_400;

    private const int Projects = 200;

    /// <summary>The operator's key.</summary>
    public const string OperatorKey = "op_of_the_tests_own_gateways";

    // Made before the gateway starts, which otherwise would have to notice each new one.
    private readonly Stack<Project> _projects = new();
    private WebApplication? _app;
    private string _connection = "";

    /// <summary>A project with a key of its own.</summary>
    public sealed record Project(string Id, string Token, string ApiKey);

    public string Address { get; private set; } = "";

    public NpgsqlDataSource Database { get; private set; } = null!;

    public Project Ours { get; private set; } = null!;

    public Project Theirs { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _connection = await DatabaseOf(postgres);
        Database = NpgsqlDataSource.Create(_connection);
        await ProjectRow.SetOperator(Database, OperatorKey);
        await ProjectRow.Ensure(Database, ProjectId.Default, "phc_default_of_the_tests", "sk_default_of_the_tests");
        for (int i = 0; i < Projects; i++)
        {
            _projects.Push(await AddProject());
        }

        Ours = NextProject();
        Theirs = NextProject();
        _app = await StartAnother(settings: Settings);
        Address = _app.Urls.First();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Something that the gateway or its silo is made of.</summary>
    public T Service<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();

    /// <summary>Waits until something holds that the product does within seconds.</summary>
    /// <param name="holds">Whether it holds.</param>
    /// <param name="message">What is said when it does not come to hold.</param>
    public static async Task Until(Func<Task<bool>> holds, Func<string>? message = null)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(1), message?.Invoke() ?? "It did not come to hold within a minute.");
        }
    }

    /// <summary>A project that no other test uses.</summary>
    public Project NextProject() => _projects.Pop();

    /// <summary>A program that sends a key, or none.</summary>
    public HttpClient Program(string? apiKey) => ProgramAt(Address, apiKey);

    /// <summary>The same at another gateway.</summary>
    public static HttpClient ProgramAt(string address, string? apiKey)
    {
        HttpClient client = new() { BaseAddress = new Uri(address) };
        if (apiKey is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        }

        return client;
    }

    /// <summary>A browser: it keeps cookies and shows where it is sent.</summary>
    public HttpClient Browser(CookieContainer? cookies = null) =>
        new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = cookies ?? new CookieContainer() })
        {
            BaseAddress = new Uri(Address),
        };

    /// <summary>Another gateway, with a silo of its own, on the same database.</summary>
    public Task<WebApplication> StartAnother(string? connection = null, IReadOnlyDictionary<string, string?>? settings = null) =>
        Start(_connection, connection ?? _connection, settings, Columns, Sql);

    /// <summary>A gateway with a silo.</summary>
    /// <param name="journal">The database of the silo.</param>
    /// <param name="connection">The gateway's way to it.</param>
    /// <param name="settings">As an operator gives them.</param>
    /// <param name="columns">The columns that the gateway asks; null for none.</param>
    /// <param name="sql">The columns that answer users' SQL; null for none.</param>
    internal static async Task<WebApplication> Start(
        string journal, string connection, IReadOnlyDictionary<string, string?>? settings, ColumnsEngine? columns = null, ColumnsSql? sql = null)
    {
        int siloPort = FreePorts.From(Interlocked.Add(ref s_firstPort, 2));
        int gatewayPort = FreePorts.From(siloPort + 1);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        string siloName = $"test-{siloPort}";
        builder.Services.AddSessionsDatabase(connection);
        builder.Services.AddSessionsJournal(builder.Configuration, journal, siloName);
        // A silo does not start without its database, whatever the gateway in the same process sees.
        builder.Services.AddKeyedSingleton(siloName, (_, _) => NpgsqlDataSource.Create(journal));
        builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<CheckpointWriter>(
            provider, provider.GetRequiredKeyedService<NpgsqlDataSource>(siloName)));
        builder.Services.AddSessionsGrains(builder.Configuration);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort, clusterId: siloName);
            silo.UseInMemoryReminderService();
            silo.AddProjectStorage(SiloRole.OrleansConnectionString(journal, new ClusterSettings(), siloName));
            silo.AddDashboard();
            silo.Configure<SiloOptions>(options => options.SiloName = siloName);
        });
        builder.Services.AddSessionsGateway(builder.Configuration);
        if (columns is not null)
        {
            builder.Services.AddSingleton(columns);
        }

        if (sql is not null)
        {
            builder.Services.AddSingleton(sql);
        }

        WebApplication app = builder.Build();
        app.MapSessionsGateway();
        await app.StartAsync();
        return app;
    }

    /// <summary>The columns that the gateway asks; null for none.</summary>
    protected virtual ColumnsEngine? Columns => null;

    /// <summary>The columns that answer users' SQL; null for none.</summary>
    protected virtual ColumnsSql? Sql => null;

    /// <summary>As an operator gives them; null for none.</summary>
    protected virtual IReadOnlyDictionary<string, string?>? Settings => null;

    /// <summary>Where its projects are: with those of other tests' gateways.</summary>
    protected virtual Task<string> DatabaseOf(TestPostgres server) => server.SharedDatabase();

    private async Task<Project> AddProject()
    {
        string id = postgres.NewProject();
        Project project = new(id, $"token-{id}", $"key-{id}");
        await using NpgsqlCommand insert = Database.CreateCommand(
            "insert into tracking.projects (project, token, api_key_sha256) values ($1, $2, $3)");
        insert.Parameters.AddWithValue(project.Id);
        insert.Parameters.AddWithValue(project.Token);
        insert.Parameters.AddWithValue(SHA256.HashData(Encoding.UTF8.GetBytes(project.ApiKey)));
        await insert.ExecuteNonQueryAsync();
        return project;
    }
}

/// <summary>
/// A gateway with a database of its own. What is done for a whole database any silo on it does, and those of others' gateways
/// are clusters of their own, which don't know who is live here.
/// </summary>
public sealed class LoneTestGateway(TestPostgres postgres) : TestGateway(postgres)
{
    protected override Task<string> DatabaseOf(TestPostgres server) => server.CreateDatabase();
}
