using System.Text;
using System.Text.Json.Nodes;
using Sessions.Domain.Replay;

namespace Sessions.Tests.Web.Replay;

public sealed class DecompressionTests
{
    private const int Limit = 1 << 20;

    [Fact]
    public void Decompressing_many_events_takes_no_more_memory_than_the_largest_of_them()
    {
        byte[] json = Compressed(Words(400_000));
        var compressed = new ReplayDecompression(Limit);
        int played = compressed.Undo(json)!.Value.Length;
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(played, compressed.Undo(json)!.Value.Length);
        }

        // Each as arrays of its own would be more than all of them.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50L * played / 10);
    }

    [Fact]
    public void A_decompressed_event_has_no_bytes_of_an_earlier_one()
    {
        var compressed = new ReplayDecompression(Limit);
        byte[] little = Compressed("\"little\"");
        string alone = Text(new ReplayDecompression(Limit).Undo(little));

        compressed.Undo(Compressed(Words(10_000)));
        Assert.Equal(alone, Text(compressed.Undo(little)));
        Assert.Null(compressed.Undo(Compressed("1]\n[2")));
        Assert.Equal(alone, Text(compressed.Undo(little)));
    }

    [Fact]
    public void A_part_that_is_larger_than_the_limit_stays_as_it_was_received()
    {
        Assert.Null(new ReplayDecompression(Limit).Undo(Compressed(Words(2 * Limit))));
        Assert.Null(new ReplayDecompression(Limit).Undo(Encoding.UTF8.GetBytes("""{"cv":"2024-10","data":"€"}""")));
    }

    private static string Text(ReadOnlyMemory<byte>? json) => Encoding.UTF8.GetString(json!.Value.Span);

    private static string Words(int bytes) => $"\"{string.Concat(Enumerable.Range(0, bytes / 6).Select(i => $"{i,6}"))}\"";

    private static byte[] Compressed(string data) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["type"] = 2,
        ["cv"] = "2024-10",
        ["data"] = Recording.Zip(data),
        ["timestamp"] = 1_000,
    }.ToJsonString());
}
