using System.Globalization;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Readers;

/// <summary>
/// Sends a log as batches, a few at a time; each reader's lines stay in their order, one batch after the other.
/// </summary>
public sealed class Postman(Gateway gateway, string run)
{
    private const int Lanes = 4;
    private const int BatchSize = 500;

    /// <summary>Sends each line once.</summary>
    public Task Deliver(IEnumerable<Reading> log) => Deliver(log, batches => batches);

    /// <summary>
    /// Sends each line twice, in all ways it happens: next to each other, in a batch that is sent again at once, and
    /// when all is over.
    /// </summary>
    public Task DeliverTwice(IEnumerable<Reading> log) => Deliver(log, batches =>
    [
        .. batches.SelectMany((batch, index) => (index % 3) switch
        {
            0 => [[.. batch.SelectMany(reading => (Reading[])[reading, reading])]],
            1 => [batch, batch],
            _ => (Reading[][])[batch],
        }),
        .. batches.Where((_, index) => index % 3 == 2),
    ]);

    /// <summary>The reader's name in this run, which no other run uses.</summary>
    public string DistinctId(string reader) => $"{run}-{reader}";

    private Task Deliver(IEnumerable<Reading> log, Func<Reading[][], Reading[][]> arrange)
    {
        var readers = log.GroupBy(reading => reading.Reader).Select((reader, index) => (reader.Key, Lane: index % Lanes))
            .ToDictionary(reader => reader.Key, reader => reader.Lane);
        return Task.WhenAll(log.GroupBy(reading => readers[reading.Reader]).Select(async lane =>
        {
            foreach (Reading[] batch in arrange([.. lane.Chunk(BatchSize)]))
            {
                await gateway.Track([.. batch.Select(ToJson)]);
            }
        }));
    }

    private JsonObject ToJson(Reading reading)
    {
        JsonObject properties = new() { ["$current_url"] = reading.Url };
        if (reading.UserAgent is { } userAgent)
        {
            properties["$raw_user_agent"] = userAgent;
        }

        return new JsonObject
        {
            ["uuid"] = reading.Id.ToString(),
            ["event"] = "$pageview",
            ["distinct_id"] = DistinctId(reading.Reader),
            ["timestamp"] = reading.At.UtcDateTime.ToString(Events.TimeFormat, CultureInfo.InvariantCulture),
            ["properties"] = properties,
        };
    }
}
