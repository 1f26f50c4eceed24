using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sessions.Database.Connections;
using Sessions.Database.Readers;

namespace Sessions.Tests.Database;

/// <summary>Connection strings that name a primary and its standbys.</summary>
public sealed class PostgresAddressTests(TestPostgres postgres)
{
    [Fact]
    public void A_readers_connection_string_leads_to_the_primary_and_has_no_settings_of_our_pools()
    {
        string address = ReaderRole.AddressOf(
            "Host=a,b;Port=5433;Database=sessions;Username=ours;Password=ours;SSL Mode=Require;Maximum Pool Size=40;Timeout=5;Host Recheck Seconds=86400;Application Name=ours",
            "reader",
            "theirs");

        Assert.Equal(
            "Host=a,b;Port=5433;Database=sessions;Username=reader;Password=theirs;SSL Mode=Require;Target Session Attributes=primary;Host Recheck Seconds=2",
            address);
    }

    private const string Several = "Host=a,b:5433;Port=5432;Database=sessions;Username=x";

    [Fact]
    public void Several_hosts_mean_the_primary_among_them_which_is_looked_for_soon()
    {
        NpgsqlConnectionStringBuilder complete = new(PostgresAddress.Complete(Several));

        Assert.Equal(("primary", 2), (complete.TargetSessionAttributes, complete.HostRecheckSeconds));
        Assert.Equal(complete.ConnectionString, PostgresAddress.Complete(complete.ConnectionString));
    }

    [Fact]
    public void One_host_and_an_operators_own_value_stay_as_they_are()
    {
        const string One = "Host=a;Database=sessions";

        Assert.Equal(One, PostgresAddress.Complete(One));
        Assert.Equal(30, new NpgsqlConnectionStringBuilder(PostgresAddress.Complete($"{Several};Host Recheck Seconds=30")).HostRecheckSeconds);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("primary", true)]
    [InlineData("read-write", true)]
    [InlineData("any", false)]
    [InlineData("standby", false)]
    [InlineData("prefer-standby", false)]
    public void A_target_that_may_be_a_standby_is_refused(string? target, bool isRight) =>
        Assert.Equal(isRight, PostgresAddress.Fault(new NpgsqlConnectionStringBuilder(Several) { TargetSessionAttributes = target }) is null);

    [Theory]
    [InlineData("a", "a:5432")]
    [InlineData("a,b:5433", "a:5432,b:5433")]
    [InlineData("[::1]:5433,::1", "[::1]:5433,::1:5432")]
    public void Each_host_is_named_with_its_port(string hosts, string expected) =>
        Assert.Equal(expected, PostgresAddress.HostsOf(new NpgsqlConnectionStringBuilder { Host = hosts, Port = 5432 }));

    [Fact]
    public void Each_host_has_a_connection_string_of_its_own() => Assert.Equal(
        [("a", 5432), ("b", 5433), ("::1", 5434)],
        PostgresAddress.EachHost(new NpgsqlConnectionStringBuilder { Host = "a,b:5433,[::1]:5434", Port = 5432, TargetSessionAttributes = "primary" })
            .Select(host => new NpgsqlConnectionStringBuilder(host))
            .Select(host => (host.Host, host.Port)));

    /// <summary>Otherwise callers would wait for it again and again, as long as the operator does not repair it.</summary>
    [Fact]
    public async Task A_host_that_cannot_be_reached_is_waited_for_once_until_there_is_a_reason_to_ask_again()
    {
        using Unreachable gone = await Unreachable.Make();
        NpgsqlConnectionStringBuilder there = new(await postgres.SharedDatabase());
        HistoryWatch watch = new(NullLogger<HistoryWatch>.Instance);
        TimeSpan timeout = TimeSpan.FromSeconds(3);
        await using NpgsqlDataSource source = PostgresAddress.CreateSource(
            new NpgsqlConnectionStringBuilder(PostgresAddress.Complete($"{there.ConnectionString};Host=127.0.0.1:{gone.Port},127.0.0.1:{there.Port}"))
            {
                Timeout = (int)timeout.TotalSeconds,
            },
            watch);

        Assert.InRange(await Open(source), timeout, TimeSpan.MaxValue);
        Assert.InRange(await Open(source), TimeSpan.Zero, timeout);
        Assert.Single(watch.OverHosts).ForgetHosts();
        Assert.InRange(await Open(source), timeout, TimeSpan.MaxValue);
    }

    [Fact]
    public async Task A_pool_can_be_made_of_several_hosts()
    {
        await using NpgsqlDataSource source = PostgresAddress.CreateSource(new NpgsqlConnectionStringBuilder(PostgresAddress.Complete(
            "Host=127.0.0.1:1,127.0.0.1:2;Database=x;Username=x;Timeout=5")));

        await Assert.ThrowsAsync<NpgsqlException>(async () => await source.OpenConnectionAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<TimeSpan> Open(NpgsqlDataSource source)
    {
        var clock = Stopwatch.StartNew();
        await using NpgsqlConnection connection = await source.OpenConnectionAsync();
        return clock.Elapsed + TimeSpan.FromMilliseconds(50);
    }

    /// <summary>A port that takes no more connections and refuses none, like a machine without power.</summary>
    private sealed class Unreachable : IDisposable
    {
        private readonly TcpListener _full = new(IPAddress.Loopback, 0);
        private readonly List<Socket> _waiting = [];

        public int Port => ((IPEndPoint)_full.LocalEndpoint).Port;

        public static async Task<Unreachable> Make()
        {
            Unreachable made = new();
            made._full.Start(backlog: 1);
            bool isFull = false;
            while (!isFull)
            {
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
                made._waiting.Add(socket);
                using CancellationTokenSource patience = new(TimeSpan.FromSeconds(1));
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, made.Port, patience.Token);
                }
                catch (OperationCanceledException)
                {
                    isFull = true;
                }
            }

            return made;
        }

        public void Dispose()
        {
            _waiting.ForEach(socket => socket.Dispose());
            _full.Dispose();
        }
    }
}
