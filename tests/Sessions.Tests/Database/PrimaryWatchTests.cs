using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sessions.Database.Connections;
using Sessions.SystemTests.Harness;

namespace Sessions.Tests.Database;

/// <summary>Each pool over several hosts finds the primary again after a promotion.</summary>
public sealed class PrimaryWatchTests(TestPostgres postgres)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    /// <summary>Both pools share a silo: the journal's writers would be refused for a day, while the silo looks well.</summary>
    [Fact]
    public async Task A_pool_that_asked_before_the_promotion_finds_the_primary_that_another_pool_found_after_it()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        NpgsqlConnectionStringBuilder there = new(await postgres.SharedDatabase());
        int port = FreePort();
        NpgsqlConnectionStringBuilder server = new(there.ConnectionString) { Host = $"127.0.0.1:1,127.0.0.1:{port}" };
        HistoryWatch history = new(NullLogger<HistoryWatch>.Instance);
        await using NpgsqlDataSource early = PostgresAddress.CreateSource(new(server.ConnectionString), history);
        await using NpgsqlDataSource late = PostgresAddress.CreateSource(new(server.ConnectionString), history);

        await Assert.ThrowsAsync<NpgsqlException>(async () => await early.OpenConnectionAsync(cancel));
        await using TcpProxy promoted = new(there.Port, port: port);
        await using (await late.OpenConnectionAsync(cancel))
        {
            await Assert.ThrowsAsync<NpgsqlException>(async () => await early.OpenConnectionAsync(cancel));
        }

        FirstLine found = new();
        using PrimaryWatch watch = new(late, server, history, TimeProvider.System, found);
        await watch.StartAsync(cancel);

        Assert.Contains("No suitable host", await found.Text.WaitAsync(Bound, cancel), StringComparison.Ordinal);
        await using (await early.OpenConnectionAsync(cancel))
        {
            await watch.StopAsync(cancel);
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class FirstLine : ILogger<PrimaryWatch>
    {
        private readonly TaskCompletionSource<string> _text = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Text => _text.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _text.TrySetResult(formatter(state, exception));
    }
}
