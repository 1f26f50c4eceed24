using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;

namespace Sessions.SystemTests.Harness;

/// <summary>All connections that a Postgres has, in the tests' hands: as when others use it up.</summary>
public sealed class TakenConnections : IAsyncDisposable
{
    private const int AtOnce = 8;

    // Of the server's own, none stays: superusers have some in reserve, and these come as superusers.
    private const string TooMany = "53300";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentBag<NpgsqlConnection> _taken = [];

    private TakenConnections()
    {
    }

    /// <summary>Whether no other connection is left. False when the server went away meanwhile.</summary>
    public bool AreAll { get; private set; }

    /// <summary>Takes them. No other connection may come meanwhile; those that are there may still be leaving.</summary>
    public static async Task<TakenConnections> Take(string connectionString)
    {
        TakenConnections made = new();
        string way = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;
        var clock = Stopwatch.StartNew();
        try
        {
            do
            {
                await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => made.UntilFull(way)));
                made.AreAll = await made.Others() == 0;
                await Task.Delay(made.AreAll ? TimeSpan.Zero : Pace);
            }
            while (!made.AreAll && clock.Elapsed < Bound);
        }
        catch (Exception away) when (away is NpgsqlException or TimeoutException or IOException)
        {
            // Another fault has the server away.
        }

        return made;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (NpgsqlConnection connection in _taken)
        {
            await connection.DisposeAsync();
        }
    }

    private async Task UntilFull(string way)
    {
        while (true)
        {
            NpgsqlConnection connection = new(way);
            try
            {
                await connection.OpenAsync();
                _taken.Add(connection);
            }
            catch (PostgresException full) when (full.SqlState == TooMany)
            {
                await connection.DisposeAsync();
                return;
            }
        }
    }

    private async Task<long> Others()
    {
        if (!_taken.TryPeek(out NpgsqlConnection? one))
        {
            return -1;
        }

        await using NpgsqlCommand count = new(
            "select count(*) - $1 from pg_stat_activity where backend_type = 'client backend'", one);
        count.Parameters.AddWithValue((long)_taken.Count);
        return (long)(await count.ExecuteScalarAsync())!;
    }
}
