using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sessions.Database;
using Sessions.Database.Connections;
using Sessions.Domain;

namespace Sessions.Tests.Database;

/// <summary>A connection that leads to another server ends what memory knows; one that leads back is refused.</summary>
public sealed class HistoryWatchTests(TestPostgres postgres)
{
    private readonly HistoryWatch _watch = new(NullLogger<HistoryWatch>.Instance);
    private int _cleared;

    [Fact]
    public async Task Connections_to_the_same_server_belong_to_one_history()
    {
        string database = await postgres.SharedDatabase();
        StoreHistory first = _watch.Current;

        await Connect(database);
        await Connect(database);

        Assert.Same(first, _watch.Current);
        Assert.False(first.IsOver);
    }

    [Theory]
    [InlineData("a promoted standby", 1, 2, "2026-01-02")]
    [InlineData("another standby, promoted to the same timeline", 1, 1, "2026-01-03")]
    [InlineData("another database in its place", 2, 1, "2026-01-01")]
    public async Task A_connection_to_another_server_ends_the_history_and_closes_older_connections(string server, long system, int timeline, string started)
    {
        string database = await postgres.CreateDatabase();
        await Connect(await OtherServer.Make(database, "before"));
        StoreHistory before = _watch.Current;
        _watch.Follow(() => _cleared++);

        await Connect(await OtherServer.Make(database, "after", system, timeline, started));

        Assert.True(before.IsOver, server);
        Assert.False(_watch.Current.IsOver, server);
        Assert.Equal(1, _cleared);
    }

    [Fact]
    public async Task A_former_primary_that_comes_back_is_refused_and_the_history_goes_on()
    {
        string database = await postgres.CreateDatabase();
        string former = await OtherServer.Make(database, "former");
        await Connect(former);
        await Connect(await OtherServer.Make(database, "promoted", timeline: 2, started: "2026-01-02"));
        StoreHistory present = _watch.Current;

        NpgsqlException refused = await Assert.ThrowsAsync<NpgsqlException>(() => Connect(former));

        Assert.Contains("timeline 1", refused.Message, StringComparison.Ordinal);
        Assert.False(present.IsOver);
        Assert.Same(present, _watch.Current);
    }

    [Fact]
    public async Task A_standby_is_refused()
    {
        string standby = await OtherServer.Make(await postgres.CreateDatabase(), "standby", isStandby: true);

        NpgsqlException refused = await Assert.ThrowsAsync<NpgsqlException>(() => Connect(standby));

        Assert.Contains("standby", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_tell_its_timeline_is_known_by_its_start()
    {
        string database = await postgres.CreateDatabase();
        string silent = await OtherServer.Make(database, "silent", tellsTimeline: false);
        await Connect(silent);
        StoreHistory first = _watch.Current;

        await Connect(silent);
        Assert.False(first.IsOver);

        await Connect(await OtherServer.Make(database, "restarted", started: "2026-01-02", tellsTimeline: false));
        Assert.True(first.IsOver);
    }

    [Fact]
    public async Task A_role_without_any_rights_can_ask()
    {
        string database = await postgres.CreateDatabase();
        string role = $"nobody_{postgres.NewProject()}";
        await using (NpgsqlDataSource owner = NpgsqlDataSource.Create(database))
        {
            await using NpgsqlCommand make = owner.CreateCommand($"create role {role} login password 'nothing'");
            await make.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(database) { Username = role, Password = "nothing", Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using NpgsqlCommand ask = new(SqlFile.Read(typeof(HistoryWatch).Assembly, "history_now.sql"), connection);
        await using NpgsqlDataReader answer = await ask.ExecuteReaderAsync(TestContext.Current.CancellationToken);

        Assert.True(await answer.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1L, answer.GetInt64(1));
    }

    private async Task Connect(string connectionString)
    {
        await using NpgsqlDataSource source = PostgresAddress.CreateSource(new NpgsqlConnectionStringBuilder(connectionString), _watch);
        await using NpgsqlConnection connection = await source.OpenConnectionAsync();
    }
}
