using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database;
using Sessions.Database.Migrations;
using Sessions.Database.Readers;
using Sessions.Queries;
using Sessions.Silo.Retention;

namespace Sessions.Tests.Database;

/// <summary>
/// A reader can't harm others for long. It can change its own password and settings, and hold locks and transactions,
/// on a server whose superuser has restricted nothing. The program limits the effects.
/// </summary>
public sealed class ReaderGuardTests(ReaderDatabase database) : IClassFixture<ReaderDatabase>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly Lines _log = new();

    [Theory]
    [InlineData("password 'stolen'")]
    [InlineData("set statement_timeout = 0")]
    [InlineData("set search_path = public")]
    [InlineData("reset all")]
    [InlineData("in database {0} set statement_timeout = 0")]
    public async Task Changes_that_a_reader_makes_to_its_own_role_are_reverted(string change)
    {
        await using (NpgsqlConnection reader = await database.Reader.OpenConnectionAsync())
        {
            await Do(reader, "set default_transaction_read_only = off");
            await Do(reader, $"alter role current_user {string.Format(null, change, reader.Database)}");
        }

        await Guard().Round(CancellationToken.None);

        Assert.Equal("1min analytics", await Ask("select current_setting('statement_timeout') || ' ' || current_setting('search_path')"));
        Assert.Equal(change.StartsWith("password", StringComparison.Ordinal) ? 0 : 1, _log.Told.Count(line => line.Contains("were changed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_reader_has_ten_connections_unless_the_operator_configures_another_number()
    {
        const string Limit = "select rolconnlimit::text from pg_roles where rolname = current_user";
        Assert.Equal("10", await Ask(Limit));

        await Guard(new ReaderOptions { Connections = 25 }).Round(CancellationToken.None);
        Assert.Equal("25", await Ask(Limit));

        await Guard().Round(CancellationToken.None);
        Assert.Equal("10", await Ask(Limit));
    }

    [Theory]
    [InlineData("select count(*) from sessions")]
    [InlineData("declare held cursor for select * from events")]
    public async Task A_transaction_that_a_reader_holds_open_is_ended(string statement)
    {
        await using NpgsqlConnection reader = await database.Reader.OpenConnectionAsync();
        await Do(reader, "set idle_in_transaction_session_timeout = 0");
        await Do(reader, "set statement_timeout = 0");
        await Do(reader, "begin");
        await Do(reader, statement);

        await Guard(new ReaderOptions { LongestTransaction = TimeSpan.FromMinutes(5) }).Round(CancellationToken.None);
        await Do(reader, "select 1");
        await Guard(new ReaderOptions { LongestTransaction = TimeSpan.Zero }).Round(CancellationToken.None);

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Do(reader, "select 1"));
        Assert.Contains(_log.Told, line => line.Contains("gone on for longer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_open_transaction_that_changes_the_readers_role_does_not_block_the_guard()
    {
        await using NpgsqlConnection reader = await database.Reader.OpenConnectionAsync();
        await Do(reader, "set idle_in_transaction_session_timeout = 0");
        await Do(reader, "set default_transaction_read_only = off");
        await Do(reader, "begin");
        await Do(reader, "alter role current_user password 'stolen'");

        await ReaderRole.Ensure(database.Program, database.Project, ReaderDatabase.Password).WaitAsync(Bound);

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Do(reader, "select 1"));
        Assert.Equal("1", await Ask("select '1'"));
    }

    [Theory]
    [InlineData("x'5e55100001'::bigint")]
    [InlineData("hashtext('tracking.ensure_partitions')")]
    [InlineData("hashtext('tracking.ensure_replay_partitions')")]
    [InlineData("hashtext('tracking.ensure_reader')")]
    [InlineData("hashtext('tracking.page_keys')")]
    public async Task A_lock_that_a_reader_holds_does_not_block_others(string key)
    {
        await using NpgsqlConnection reader = await database.Reader.OpenConnectionAsync();
        await Do(reader, $"select pg_advisory_lock({key})");
        var clock = Stopwatch.StartNew();

        await Migrator.Migrate(database.Program).WaitAsync(Bound);
        await PartitionKeeper.Ensure(database.Program, DateOnly.FromDateTime(DateTime.UtcNow), CancellationToken.None).WaitAsync(Bound);
        await ReaderRole.Ensure(database.Program, database.Project, ReaderDatabase.Password).WaitAsync(Bound);
        await using NpgsqlConnection program = await database.Program.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await program.BeginTransactionAsync();
        await Do(program, SqlFile.Read(typeof(PageKeyQueries).Assembly, "page_keys_lock.sql"));

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Bound);
        await Do(reader, "select 1");
    }

    [Theory]
    [InlineData("tracking.retention", typeof(JournalDays), "journal_day_lock.sql")]
    public async Task Sweeps_run_while_a_reader_holds_their_lock_and_wait_while_an_older_silo_holds_it(
        string key, Type owner, string file)
    {
        string statement = SqlFile.Read(owner.Assembly, file);
        await using NpgsqlConnection reader = await database.Reader.OpenConnectionAsync();
        await Do(reader, $"select pg_advisory_lock(hashtext('{key}'))");
        Assert.Equal("True", await InTransaction(statement));
        await reader.CloseAsync();

        await using NpgsqlConnection older = await database.Program.OpenConnectionAsync();
        await Do(older, $"select pg_advisory_lock(hashtext('{key}'))");
        Assert.Equal("False", await InTransaction(statement));
        await Do(older, "select pg_advisory_unlock_all()");
    }

    [Fact]
    public async Task A_reader_connection_with_a_writers_application_name_is_still_ended()
    {
        await using NpgsqlConnection reader = await database.Reader.OpenConnectionAsync();
        await Do(reader, "set application_name = 'sessions-writer:x'");
        await Do(reader, "begin");
        await Do(reader, "select 1");

        await using NpgsqlCommand command = database.Program.CreateCommand(SqlFile.Read(typeof(JournalDays).Assembly, "writers_at_work.sql"));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = DateTimeOffset.UtcNow.AddMinutes(1) });
        Assert.Equal(false, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_server_that_gives_readers_too_many_rights_is_logged_with_the_SQL_that_revokes_them()
    {
        await Guard().CheckServer(CancellationToken.None);
        string warning = Assert.Single(_log.Told);
        Assert.DoesNotContain('\n', warning);
        string advice = warning[warning.IndexOf("do $do$", StringComparison.Ordinal)..];
        await using NpgsqlDataSource admin = NpgsqlDataSource.Create(database.Admin);
        await using (NpgsqlCommand command = admin.CreateCommand(advice))
        {
            await command.ExecuteNonQueryAsync();
        }

        _log.Told.Clear();
        await Guard().CheckServer(CancellationToken.None);
        await Guard().Round(CancellationToken.None);
        Assert.Empty(_log.Told);
        Assert.Equal("1GB", await Ask("show temp_file_limit"));
        await using NpgsqlConnection reader = await database.Reader.OpenConnectionAsync();
        await Assert.ThrowsAsync<PostgresException>(() => Do(reader, "select lo_from_bytea(0, 'x')"));
        await Assert.ThrowsAsync<PostgresException>(() => Do(reader, "set temp_file_limit = -1"));

        // As it was, for the tests beside this one.
        await using NpgsqlCommand back = admin.CreateCommand(
            """
            do $$ declare f regprocedure; begin
                for f in select oid from pg_proc where pronamespace = 'pg_catalog'::regnamespace and proname ~ '^(lo_|pg_advisory|pg_try_advisory)' loop
                    execute format('grant execute on function %s to public', f);
                end loop;
            end $$
            """);
        await back.ExecuteNonQueryAsync();
    }

    private ReaderGuard Guard(ReaderOptions? options = null) => new(database.Program, Options.Create(options ?? new ReaderOptions()), TimeProvider.System, _log);

    private async Task<string> Ask(string statement)
    {
        await using NpgsqlConnection reader = await database.Reader.OpenConnectionAsync();
        await using NpgsqlCommand command = new(statement, reader);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private async Task<string> InTransaction(string statement)
    {
        await using NpgsqlConnection program = await database.Program.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await program.BeginTransactionAsync();
        await using NpgsqlCommand command = new(statement, program);
        return (await command.ExecuteScalarAsync())!.ToString()!;
    }

    private static async Task Do(NpgsqlConnection connection, string statement)
    {
        await using NpgsqlCommand command = new(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Lines : ILogger<ReaderGuard>
    {
        public List<string> Told { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Told.Add(formatter(state, exception));
    }
}
