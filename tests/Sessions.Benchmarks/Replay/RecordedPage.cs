using System.Text;

namespace Sessions.Benchmarks.Replay;

/// <summary>
/// Bodies as posthog-js sends them, made up from a seed: a page's full snapshot now and then, and mostly what moves:
/// the mouse, inputs, and changes to the page with text that no two of them have in common.
/// </summary>
internal static class RecordedPage
{
    private const string Words =
        "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which "
        + "one you were all her she there would their we him been has when who will more no if out so said what up its "
        + "about into than them can only other new some could time these two may then do first any my now such like our";

    private static readonly string[] Vocabulary = Words.Split(' ');

    /// <summary>Where a body's ids are written: 36 characters each, to be overwritten.</summary>
    public sealed record Body(byte[] Json, int UuidAt, int PersonAt, int SessionAt);

    /// <summary>A body of about so many bytes.</summary>
    public static Body Of(string token, int seed, int bytes, long zero)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        string uuid = Guid.Empty.ToString();
        text.Append("[{\"event\":\"$snapshot\",\"token\":\"").Append(token).Append("\",\"uuid\":\"");
        int uuidAt = text.Length;
        text.Append(uuid).Append("\",\"properties\":{\"distinct_id\":\"");
        int personAt = text.Length;
        text.Append(uuid).Append("\",\"$session_id\":\"");
        int sessionAt = text.Length;
        text.Append(uuid).Append("\",\"$window_id\":\"window-1\",\"$lib\":\"web\",\"$snapshot_data\":[");
        long time = zero;
        for (bool isFirst = true; text.Length < bytes; isFirst = false)
        {
            time += random.Next(5, 60);
            text.Append(isFirst ? "" : ",").Append(random.Next(10) switch
            {
                0 => Mutation(random, time),
                1 => $$"""{"type":3,"data":{"source":5,"text":"{{Sentence(random, 3)}}","isChecked":false,"id":{{random.Next(2000)}}},"timestamp":{{time}}}""",
                2 => $$"""{"type":3,"data":{"source":3,"id":1,"x":0,"y":{{random.Next(9000)}}},"timestamp":{{time}}}""",
                _ => Moves(random, time),
            });
        }

        text.Append("]}}]");
        return new Body(Encoding.UTF8.GetBytes(text.ToString()), uuidAt, personAt, sessionAt);
    }

    private static string Moves(Random random, long time)
    {
        int x = random.Next(1200);
        int y = random.Next(800);
        var positions = Enumerable.Range(0, random.Next(3, 12)).Select(i =>
            $$"""{"x":{{x += random.Next(-20, 20)}},"y":{{y += random.Next(-20, 20)}},"id":{{random.Next(2000)}},"timeOffset":{{-i * 50}}}""");
        return $$"""{"type":3,"data":{"source":1,"positions":[{{string.Join(',', positions)}}]},"timestamp":{{time}}}""";
    }

    private static string Mutation(Random random, long time)
    {
        var adds = Enumerable.Range(0, random.Next(1, 8)).Select(_ =>
            $$$"""{"parentId":{{{random.Next(2000)}}},"nextId":null,"node":{"type":2,"tagName":"div","attributes":{"class":"{{{Sentence(random, 2)}}}","data-key":"{{{random.NextInt64():x}}}"},"childNodes":[{"type":3,"textContent":"{{{Sentence(random, 12)}}}","id":{{{random.Next(100_000)}}}}],"id":{{{random.Next(100_000)}}}}}""");
        return $$"""{"type":3,"data":{"source":0,"texts":[],"attributes":[],"removes":[],"adds":[{{string.Join(',', adds)}}]},"timestamp":{{time}}}""";
    }

    private static string Sentence(Random random, int words) =>
        string.Join(' ', Enumerable.Range(0, words).Select(_ => Vocabulary[random.Next(Vocabulary.Length)]));
}
