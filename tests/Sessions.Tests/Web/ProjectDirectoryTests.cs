using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sessions.Queries;
using Sessions.Web.Access;

namespace Sessions.Tests.Web;

public sealed class ProjectDirectoryTests(TestPostgres postgres)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_project_is_found_only_by_its_token_and_by_its_key()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        string project = await Add(database);
        using ProjectDirectory directory = await Start(database);

        Assert.Equal(project, directory.FindByToken($"token-{project}"));
        Assert.Equal(project, directory.FindByApiKey($"key-{project}")?.Project);
        Assert.Null(directory.FindByToken($"key-{project}"));
        Assert.Null(directory.FindByApiKey($"token-{project}"));
        Assert.Null(directory.FindByApiKey(""));
    }

    [Fact]
    public async Task A_new_token_and_an_unknown_one_are_told_apart_by_looking_them_up()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        using ProjectDirectory directory = await Start(database);
        string project = await Add(database);
        Assert.Null(directory.FindByToken($"token-{project}"));

        await directory.LookUp(["phc_random", $"token-{project}"]);

        Assert.Equal(project, directory.FindByToken($"token-{project}"));
        Assert.Equal(project, directory.FindByApiKey($"key-{project}")?.Project);
        Assert.Null(directory.FindByToken("phc_random"));
    }

    [Fact]
    public async Task A_new_key_is_found_by_looking_it_up_and_a_random_one_is_not()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        using ProjectDirectory directory = await Start(database);
        string project = await Add(database);

        Task<PresentedKey?> ours = directory.LookUpApiKey($"key-{project}");
        Assert.Equal(project, (await ours)?.Project);
        Task<PresentedKey?> random = directory.LookUpApiKey("sk_random");
        // The pause until the next look-up.
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Null(await random);
    }

    [Theory]
    [InlineData("archived_at")]
    [InlineData("deleting_at")]
    public async Task A_token_of_an_archived_or_leaving_project_stays_unknown(string column)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        string project = await Add(database);
        await using NpgsqlCommand leave = database.CreateCommand(
            $"update tracking.projects set {column} = now(), deletion_leased_until = 'infinity' where project = '{project}'");
        await leave.ExecuteNonQueryAsync();
        using ProjectDirectory directory = await Start(database);

        await directory.LookUp([$"token-{project}"]);

        Assert.Null(directory.FindByToken($"token-{project}"));
        Assert.Equal(column == "archived_at", directory.Exists(project));
    }

    [Fact]
    public async Task An_unknown_token_gets_503_while_Postgres_is_away()
    {
        string connection = await postgres.CreateDatabase();
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(connection);
        string project = await Add(database);
        using ProjectDirectory directory = await Start(database);
        await using NpgsqlDataSource other = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        await using NpgsqlCommand drop = other.CreateCommand($"drop database {new NpgsqlConnectionStringBuilder(connection).Database} with (force)");
        await drop.ExecuteNonQueryAsync();

        await Assert.ThrowsAsync<SessionsUnavailableException>(() => directory.LookUp(["phc_random"]));
        Assert.Equal(project, directory.FindByToken($"token-{project}"));
    }

    [Fact]
    public async Task A_change_is_known_after_the_refresh_without_any_request()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        string project = await Add(database);
        using ProjectDirectory directory = await Start(database);
        await using NpgsqlCommand delete = database.CreateCommand($"delete from tracking.projects where project = '{project}'");
        await delete.ExecuteNonQueryAsync();

        Assert.Equal(project, directory.FindByToken($"token-{project}"));
        await Until(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(30));
            return directory.FindByToken($"token-{project}") is null;
        });
    }

    [Fact]
    public async Task Known_projects_stay_known_while_Postgres_is_away()
    {
        string connection = await postgres.CreateDatabase();
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(connection);
        string project = await Add(database);
        Complaints log = new();
        using ProjectDirectory directory = await Start(database, log);
        await using NpgsqlDataSource other = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        await using NpgsqlCommand drop = other.CreateCommand($"drop database {new NpgsqlConnectionStringBuilder(connection).Database} with (force)");
        await drop.ExecuteNonQueryAsync();

        await Until(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(30));
            return log.Count > 0;
        });

        Assert.Equal(project, directory.FindByToken($"token-{project}"));
    }

    [Fact]
    public async Task No_token_is_refused_as_unknown_before_the_projects_were_first_read()
    {
        await using NpgsqlDataSource nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=9;Timeout=1");
        using ProjectDirectory directory = await Start(nowhere);

        Assert.False(directory.IsLoaded);
        Assert.Throws<SessionsUnavailableException>(() => directory.FindByToken("token"));
        Assert.Throws<SessionsUnavailableException>(() => directory.FindByApiKey("key"));
    }

    private static async Task Until(Func<bool> holds)
    {
        using CancellationTokenSource late = new(Deadline);
        while (!holds())
        {
            late.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task<ProjectDirectory> Start(NpgsqlDataSource database, ILogger<ProjectDirectory>? log = null)
    {
        ProjectDirectory directory = new(
            new ProjectQueries(database), new ApiKeyQueries(database), new UnknownAccessQuery(database), Options.Create(new AccessOptions()), _clock, log ?? NullLogger<ProjectDirectory>.Instance);
        await directory.StartAsync(CancellationToken.None);
        return directory;
    }

    private async Task<string> Add(NpgsqlDataSource database)
    {
        string project = postgres.NewProject();
        await using NpgsqlCommand insert = database.CreateCommand(
            "insert into tracking.projects (project, token, api_key_sha256) values ($1, $2, $3)");
        insert.Parameters.AddWithValue(project);
        insert.Parameters.AddWithValue($"token-{project}");
        insert.Parameters.AddWithValue(SHA256.HashData(Encoding.UTF8.GetBytes($"key-{project}")));
        await insert.ExecuteNonQueryAsync();
        return project;
    }

    /// <summary>Counts the warnings.</summary>
    private sealed class Complaints : ILogger<ProjectDirectory>
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Interlocked.Increment(ref _count);
    }
}
