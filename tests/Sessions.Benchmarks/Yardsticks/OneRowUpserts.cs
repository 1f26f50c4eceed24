using System.Diagnostics;
using Npgsql;
using Sessions.Benchmarks.Harness;

namespace Sessions.Benchmarks.Yardsticks;

/// <summary>Upserts of one small row each, a commit each, prepared, from as many connections as is best for them.</summary>
internal sealed class OneRowUpserts(Product product)
{
    private const int Connections = 16;
    private const int Rows = 20_000;

    public Task Prepare() => product.Do(
        """
        create schema if not exists yardstick;
        create table yardstick.upserts (id int primary key, at timestamptz not null, number int not null) with (fillfactor = 70);
        """);

    /// <summary>Upserts a second.</summary>
    public async Task<double> Run(TimeSpan duration)
    {
        long begun = Stopwatch.GetTimestamp();
        int[] counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(async writer =>
        {
            await using NpgsqlConnection connection = await product.Database.OpenConnectionAsync();
            await using var command = new NpgsqlCommand(
                "insert into yardstick.upserts as u values ($1, now(), 1) on conflict (id) do update set at = excluded.at, number = u.number + 1",
                connection);
            var id = new NpgsqlParameter<int>();
            command.Parameters.Add(id);
            id.TypedValue = 0;
            await command.PrepareAsync();
            int done = 0;
            for (; Stopwatch.GetElapsedTime(begun) < duration; done++)
            {
                id.TypedValue = ((done * Connections) + writer) % Rows;
                await command.ExecuteNonQueryAsync();
            }

            return done;
        }));
        return counts.Sum() / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }
}
