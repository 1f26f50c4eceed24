using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Sessions.Host.Database;
using Sessions.Run.Postgres;

namespace Sessions.Tests.Run;

/// <summary>
/// The Postgres server that the product starts. After a clean shutdown it stays down; after anything else it is
/// restarted.
/// </summary>
[Trait("Needs", "Postgres")]
public sealed class PrivatePostgresTests
{
    [Fact]
    public async Task The_server_is_durable_and_keeps_its_data_and_port_over_a_restart()
    {
        using TemporaryDirectory directory = new();
        PrivatePostgres postgres = await Start(directory);
        try
        {
            Assert.Equal("on on on", await Scalar(postgres, "select concat_ws(' ', current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'))"));
            Assert.Equal("on UTF8 C", await Scalar(postgres, "select concat_ws(' ', current_setting('data_checksums'), current_setting('server_encoding'), (select datcollate from pg_database where datname = 'postgres'))"));
            await Scalar(postgres, "create table kept as select 1 as one");
            string connectionString = postgres.AdminConnectionString;

            await postgres.Stop();
            Assert.Null(postgres.RunningProcess());
            postgres = await Start(directory);

            Assert.False(postgres.Adopted);
            Assert.Equal(connectionString, postgres.AdminConnectionString);
            Assert.Equal(1, await Scalar(postgres, "select one from kept"));
        }
        finally
        {
            await postgres.Delete();
        }
    }

    [Fact]
    public async Task A_server_whose_owner_was_killed_is_adopted()
    {
        using TemporaryDirectory directory = new();
        PrivatePostgres first = await Start(directory);
        try
        {
            PrivatePostgres second = await Start(directory);

            Assert.True(second.Adopted);
            Assert.Equal(first.ProcessId, second.ProcessId);
        }
        finally
        {
            await first.Delete();
        }
    }

    [Fact]
    public async Task A_killed_server_recovers_its_committed_data()
    {
        using TemporaryDirectory directory = new();
        PrivatePostgres postgres = await Start(directory);
        try
        {
            await Scalar(postgres, "create table kept as select 1 as one");
            using (Process server = Process.GetProcessById(postgres.ProcessId))
            {
                server.Kill();
                await server.WaitForExitAsync();
            }

            Assert.False(await postgres.WasShutDown(default));
            await postgres.EnsureRunning(default);

            Assert.Equal(1, await Scalar(postgres, "select one from kept"));
        }
        finally
        {
            await postgres.Delete();
        }
    }

    [Theory]
    [InlineData("fast", true)]
    [InlineData("smart", true)]
    [InlineData("immediate", false)] // it leaves the files as a crash does, and no pid file
    public async Task Only_a_stop_that_writes_all_data_counts_as_a_clean_shutdown(string mode, bool wasShutDown)
    {
        using TemporaryDirectory directory = new();
        PrivatePostgres postgres = await Start(directory);
        try
        {
            await Scalar(postgres, "create table kept as select 1 as one");
            await Command.RunChecked([.. (await ServerAccount.Find(default)).As(
                (await PostgresBinaries.Find(null, default)).PgCtl, "-D", await DataOf(postgres), "-w", "-s", "stop", "-m", mode)]);

            Assert.Null(postgres.RunningProcess());
            Assert.Equal(wasShutDown, await postgres.WasShutDown(default));
            await postgres.EnsureRunning(default);
            Assert.Equal(1, await Scalar(postgres, "select one from kept"));
        }
        finally
        {
            await postgres.Delete();
        }
    }

    [Theory]
    [InlineData("the number of a process that lives", true)]
    [InlineData("a number that nobody has", false)]
    public async Task A_stale_pid_file_does_not_prevent_a_start(string why, bool lives)
    {
        using TemporaryDirectory directory = new();
        PrivatePostgres postgres = await Start(directory);
        try
        {
            string pidFile = Path.Combine(await DataOf(postgres), "postmaster.pid");
            int dead = postgres.ProcessId;
            using (Process server = Process.GetProcessById(dead))
            {
                server.Kill();
                await server.WaitForExitAsync();
            }

            string[] lines = await File.ReadAllLinesAsync(pidFile);
            lines[0] = (lives ? Environment.ProcessId : dead).ToString(CultureInfo.InvariantCulture);
            await File.WriteAllLinesAsync(pidFile, lines);

            Assert.True(postgres.RunningProcess() is null, why);
            Assert.False(await postgres.WasShutDown(default));
            await postgres.EnsureRunning(default);
            Assert.Equal(1, await Scalar(postgres, "select 1"));
        }
        finally
        {
            await postgres.Delete();
        }
    }

    [Fact]
    public async Task A_server_whose_start_was_canceled_is_ended_by_a_stop()
    {
        using TemporaryDirectory directory = new();
        PrivatePostgres postgres = await Start(directory);
        try
        {
            await postgres.Stop();
            using CancellationTokenSource given = new();
            Task start = postgres.EnsureRunning(given.Token);
            await given.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);

            await postgres.Stop();

            Assert.Null(postgres.RunningProcess());
            Assert.True(await postgres.WasShutDown(default));
        }
        finally
        {
            await postgres.Delete();
        }
    }

    [Fact]
    public async Task An_interrupted_creation_of_the_database_directory_starts_again()
    {
        using TemporaryDirectory directory = new();
        Directory.CreateDirectory(directory.At("postgres/base"));
        File.WriteAllText(directory.At("postgres/PG_VERSION"), "15");
        File.SetUnixFileMode(directory.At("postgres"), (UnixFileMode)0b111_111_111);
        if (Environment.IsPrivilegedProcess)
        {
            await Command.RunChecked(["chown", "-R", "postgres:postgres", directory.At("postgres")]);
        }

        PrivatePostgres postgres = await Start(directory);
        try
        {
            Assert.Equal(1, await Scalar(postgres, "select 1"));
        }
        finally
        {
            await postgres.Delete();
        }
    }

    [Fact]
    public async Task A_data_directory_that_the_servers_account_cannot_reach_becomes_a_link()
    {
        using TemporaryDirectory directory = new(reachable: false);
        PrivatePostgres postgres = await Start(directory);
        string? target = new FileInfo(directory.At("postgres")).LinkTarget;
        await postgres.Stop();
        postgres = await Start(directory);

        await postgres.Delete();

        // Only root changes accounts, and only then can there be a directory that the account can't reach.
        Assert.Equal(Environment.IsPrivilegedProcess, target?.StartsWith("/var/lib/orleans-sessions-", StringComparison.Ordinal) ?? false);
        Assert.False(target is not null && Directory.Exists(target));
        Assert.Empty(Directory.GetFileSystemEntries(directory.Location));
    }

    /// <summary>
    /// A query of 400 characters makes a value of gigabytes, and <c>work_mem</c> bounds no values. Without the limit of the
    /// server's processes the system would end one of them, and Postgres would restart all.
    /// </summary>
    [Fact]
    public async Task A_query_that_wants_more_memory_than_a_process_may_have_fails_alone()
    {
        using TemporaryDirectory directory = new();
        PrivatePostgres postgres = await Start(directory);
        try
        {
            object? begun = await Scalar(postgres, "select pg_postmaster_start_time()");
            string huge = string.Join(", ", Enumerable.Range(0, 9).Select(one => $"md5(repeat('{one}', 1000)) || repeat('x', 300000000)"));

            var refused = await Assert.ThrowsAsync<PostgresException>(() => Scalar(postgres, $"select length(array[{huge}]::text)"));

            Assert.Equal(PostgresErrorCodes.OutOfMemory, refused.SqlState);
            Assert.Equal(begun, await Scalar(postgres, "select pg_postmaster_start_time()"));
        }
        finally
        {
            await postgres.Delete();
        }
    }

    [Fact]
    public async Task The_server_has_room_for_the_connections_that_the_program_needs()
    {
        using TemporaryDirectory directory = new();
        PrivatePostgres postgres = await PrivatePostgres.Start(
            new PrivatePostgresOptions
            {
                Directory = directory.At("postgres"),
                AdminPassword = "secret",
                Needs = new ConnectionNeeds(Program: 400, Writers: 18),
            },
            default);
        try
        {
            int allowed = await Bootstrap.AllowedConnections(postgres.AdminConnectionString, default);

            Assert.Equal(400 + ConnectionNeeds.Readers + 18, allowed);
        }
        finally
        {
            await postgres.Delete();
        }
    }

    [Theory]
    [InlineData("a small machine", 256, 64)]
    [InlineData("an eighth", 4096, 512)]
    [InlineData("a large machine", 65536, 1024)]
    public void Shared_buffers_fit_the_machine(string why, long memoryMegabytes, long expected)
    {
        Assert.True(expected == PostgresSettings.SharedBuffersMegabytes(memoryMegabytes * 1024 * 1024), why);
    }

    private static Task<PrivatePostgres> Start(TemporaryDirectory directory) => PrivatePostgres.Start(
        new PrivatePostgresOptions { Directory = directory.At("postgres"), AdminPassword = "secret" }, default);

    private static async Task<string> DataOf(PrivatePostgres postgres) => (string)(await Scalar(postgres, "show data_directory"))!;

    private static async Task<object?> Scalar(PrivatePostgres postgres, string sql)
    {
        await using NpgsqlConnection connection = new(postgres.AdminConnectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
