using System.Diagnostics;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Load;

namespace Sessions.Benchmarks.Yardsticks;

/// <summary>
/// The limit: Npgsql's binary COPY of the same rows on one connection, 1,000 a commit, into a table like the journal,
/// on the same server.
/// </summary>
/// <param name="product">On whose server it writes.</param>
/// <param name="devices">How many devices take turns.</param>
/// <param name="rowsOfADevice">So many of a device's rows follow each other, as its events do in the load.</param>
internal sealed class RawCopy(Product product, int devices, int rowsOfADevice = RawCopy.RowsOfAnSdk)
{
    private const int RowsPerCommit = 1_000;

    // An SDK's requests carry some events of one device.
    private const int RowsOfAnSdk = 10;

    private const int Texts = 10;

    private readonly byte[][] _properties = [.. Enumerable.Range(0, Texts).Select(i => Encoding.UTF8.GetBytes(EventText.PropertiesOf(i)))];
    private readonly int[] _numbers = new int[devices];
    private long _nextEvent;
    private int _nextDevice;

    /// <summary>All rows that were ever copied.</summary>
    public long Rows { get; private set; }

    public async Task Prepare() => await product.Do(
        """
        create schema if not exists yardstick;
        create table yardstick.journal (like tracking.journal including all) partition by range (born);
        do $$
        begin
            execute format(
                'create table yardstick.journal_today partition of yardstick.journal for values from (%L) to (%L)',
                current_date - 1, current_date + 2);
        end $$;
        """);

    /// <summary>Rows a second.</summary>
    public async Task<double> Run(TimeSpan duration)
    {
        await using NpgsqlConnection connection = await product.Database.OpenConnectionAsync();
        long begun = Stopwatch.GetTimestamp();
        long rows = 0;
        while (Stopwatch.GetElapsedTime(begun) < duration)
        {
            await Commit(connection);
            rows += RowsPerCommit;
            Rows += RowsPerCommit;
        }

        return rows / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    public Task Clear() => product.Do("truncate yardstick.journal");

    private async Task Commit(NpgsqlConnection connection)
    {
        await using NpgsqlBinaryImporter copy = await connection.BeginBinaryImportAsync(
            """
            copy yardstick.journal (project, session_id, number, born, kind, event_id, time, received_at,
                event, distinct_id, device_id, window_id, device_key, properties) from stdin (format binary)
            """);
        DateTime now = DateTime.UtcNow;
        DateOnly born = DateOnly.FromDateTime(now);
        for (int i = 0; i < RowsPerCommit; i++)
        {
            if (i % rowsOfADevice == 0)
            {
                _nextDevice = (_nextDevice + 1) % devices;
            }

            byte[] properties = _properties[i % Texts];
            await copy.StartRowAsync();
            await copy.WriteAsync("default", NpgsqlDbType.Text);
            await copy.WriteAsync(Ids.Session(_nextDevice), NpgsqlDbType.Uuid);
            await copy.WriteAsync(++_numbers[_nextDevice], NpgsqlDbType.Integer);
            await copy.WriteAsync(born, NpgsqlDbType.Date);
            await copy.WriteAsync((short)0, NpgsqlDbType.Smallint);
            await copy.WriteAsync(Ids.Event(_nextEvent++), NpgsqlDbType.Uuid);
            await copy.WriteAsync(now, NpgsqlDbType.TimestampTz);
            await copy.WriteAsync(now, NpgsqlDbType.TimestampTz);
            await copy.WriteAsync(EventText.NameOf(i), NpgsqlDbType.Text);
            await copy.WriteAsync("visitor-00000000", NpgsqlDbType.Text);
            await copy.WriteAsync("device-00000000", NpgsqlDbType.Text);
            await copy.WriteAsync("w-00000000", NpgsqlDbType.Text);
            await copy.WriteNullAsync();
            await copy.WriteAsync(properties, NpgsqlDbType.Jsonb);
        }

        await copy.CompleteAsync();
    }
}
