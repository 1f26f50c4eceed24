using System.Globalization;
using Npgsql;
using Sessions.Database.Migrations;
using Sessions.Database.Readers;
using Sessions.Run.Postgres;

[assembly: AssemblyFixture(typeof(Sessions.Tests.TestPostgres))]

namespace Sessions.Tests;

/// <summary>
/// A real Postgres for the tests of this assembly: started by the first test that asks for it, from this machine's
/// binaries, migrated, and gone with the last test. Take it as a constructor parameter.
/// </summary>
public sealed class TestPostgres : IAsyncLifetime
{
    private const string Password = "test";
    private const string Prefix = "sessions-tests-";
    private const string Template = "migrated";

    private readonly Lazy<Task<PrivatePostgres>> _server;
    private readonly Lazy<Task<string>> _shared;
    private FileStream? _lock;
    private string? _directory;
    private int _names;

    public TestPostgres()
    {
        _server = new(Start);
        _shared = new(() => CreateDatabase());
    }

    /// <summary>One migrated database for all tests that keep to a project of their own.</summary>
    public Task<string> SharedDatabase() => _shared.Value;

    /// <summary>A migrated database of its own. Returns its connection string.</summary>
    public async Task<string> CreateDatabase(string? template = Template)
    {
        PrivatePostgres server = await _server.Value;
        string name = $"test_{Next()}";
        await using NpgsqlConnection connection = new(server.AdminConnectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand create = new($"create database {name}{(template is null ? "" : $" template {template}")}", connection);
        await create.ExecuteNonQueryAsync();
        return ConnectionStringOf(server, name);
    }

    /// <summary>A database without any of our tables. Returns its connection string.</summary>
    public Task<string> CreateEmptyDatabase() => CreateDatabase(template: null);

    /// <summary>A project that no other test uses.</summary>
    public string NewProject() => $"p{Next()}";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            NpgsqlConnection.ClearAllPools();
            await (await _server.Value).Delete();
            _lock?.Dispose();
            Directory.Delete(_directory!, recursive: true);
        }
    }

    private async Task<PrivatePostgres> Start()
    {
        await RemoveLeftovers();
        _directory = Path.Combine(Path.GetTempPath(), Prefix + Guid.NewGuid().ToString("N")[..12]);
        // Open to all, since Postgres may run as another user than the tests.
        Directory.CreateDirectory(_directory, (UnixFileMode)0b111_101_101);
        _lock = new FileStream(Path.Combine(_directory, "lock"), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        PrivatePostgres server = await StartIn(_directory);
        string migrated = ConnectionStringOf(server, Template, pooling: false);
        await using (NpgsqlConnection connection = new(server.AdminConnectionString))
        {
            await connection.OpenAsync();
            await using NpgsqlCommand create = new($"create database {Template}", connection);
            await create.ExecuteNonQueryAsync();
        }

        await using NpgsqlDataSource database = NpgsqlDataSource.Create(migrated);
        await Migrator.Migrate(database);
        await FunctionRights.Restrict(migrated, "postgres");
        return server;
    }

    private static Task<PrivatePostgres> StartIn(string directory) => PrivatePostgres.Start(
        new PrivatePostgresOptions
        {
            Directory = Path.Combine(directory, "postgres"),
            AdminPassword = Password,
            // Nothing here is to survive a power cut; what survives a killed server is the same.
            Settings = new Dictionary<string, string> { ["fsync"] = "off", ["shared_buffers"] = "64MB" },
        },
        CancellationToken.None);

    /// <summary>A test run that was killed leaves its server behind; its lock tells that nobody needs it.</summary>
    private static async Task RemoveLeftovers()
    {
        foreach (string directory in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                await using FileStream held = new(Path.Combine(directory, "lock"), FileMode.Open, FileAccess.Write, FileShare.None);
                await (await StartIn(directory)).Delete();
                Directory.Delete(directory, recursive: true);
            }
            catch (Exception inUse) when (inUse is IOException or UnauthorizedAccessException)
            {
                // Another run on this machine is at work there.
            }
        }
    }

    private static string ConnectionStringOf(PrivatePostgres server, string database, bool pooling = true) =>
        new NpgsqlConnectionStringBuilder(server.AdminConnectionString)
        {
            Database = database,
            Pooling = pooling,
            MaxPoolSize = 20,
        }.ConnectionString;

    private string Next() => Interlocked.Increment(ref _names).ToString(CultureInfo.InvariantCulture);
}
