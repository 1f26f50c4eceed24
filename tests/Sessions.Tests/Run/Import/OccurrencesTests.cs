using Sessions.Run.Import;
using static Sessions.Tests.Run.Import.Imported;

namespace Sessions.Tests.Run.Import;

/// <summary>
/// The same lines count once, whatever file has them: a longer one, a concatenated one, a compressed one. Equal lines
/// within one second of one file are two, since a visitor may reload a page.
/// </summary>
public sealed class OccurrencesTests
{
    private static readonly DateTimeOffset Begin = new(2026, 10, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_id_of_a_line_depends_on_its_text_and_not_on_its_position()
    {
        string line = Combined();

        Assert.Equal(Ids(line), Ids(line));
        Assert.Equal(Ids(line), [(string)Event(Log().Read(Entry(line, 9_999)))["uuid"]!]);
        Assert.NotEqual(Ids(line), Ids(Combined("GET /other HTTP/1.1")));
        Assert.Equal('5', Ids(line)[0][14]);
    }

    [Fact]
    public void Two_equal_lines_get_two_ids_and_the_same_two_in_another_file()
    {
        List<string> ids = Ids(Combined(), Combined("GET /between HTTP/1.1"), Combined());

        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal([ids[0], ids[2]], Ids(Combined(), Combined()));
    }

    [Theory]
    [InlineData("a file twice in one", "0a 60b 120c 0a 60b 120c", "111 111")]
    [InlineData("a file of a few seconds twice in one", "0a 1b 2c 0a 1b 2c", "111 111")]
    [InlineData("a longer file behind its beginning", "0a 60b 0a 60b 120c", "11 111")]
    [InlineData("two files that overlap", "0a 60b 120c 60b 120c 180d", "111 111")]
    [InlineData("two files in the wrong order", "60b 120c 0a 30d", "11 11")]
    [InlineData("reloads in one second", "0a 0a 0a 60b", "1231")]
    [InlineData("reloads, twice in one file", "0a 0a 60b 60b 0a 0a 60b 60b", "1212 1212")]
    [InlineData("a slow answer between two that are alike", "0a 5b 2c 5b", "1112")]
    [InlineData("an answer that took seconds and is like an earlier one", "0a 3b 8c 3b", "1112")]
    public void Lines_of_a_repeated_part_get_the_same_ids_as_the_first_time(string what, string lines, string numbers)
    {
        var seen = new Occurrences();
        long offset = 0;
        string counted = string.Concat(lines.Split(' ').Select(line =>
            seen.Count(Content(line[^1]), Begin.AddSeconds(int.Parse(line[..^1], null)), offset++)));

        Assert.True(counted == numbers.Replace(" ", "", StringComparison.Ordinal), $"{what}: {counted}");
    }

    [Fact]
    public void Counting_resumes_from_a_few_lines_before_the_interruption_with_the_same_result()
    {
        var random = new Random(17);
        (Guid Content, DateTimeOffset Time)[] lines = [.. Enumerable.Range(0, 5_000).Select(n =>
        {
            // Parts of a log one after the other, some of which were there before, with lines a few seconds late.
            int second = (n % 1_700) / 5 - random.Next(4);
            return (Content((char)('a' + second % 3 + 3 * (Math.Abs(second) % 200))), Begin.AddSeconds(second));
        })];
        int[] all = Numbers(new Occurrences(), lines, 0, lines.Length);

        foreach (int stopped in new[] { 1, 7, 444, 1_699, 1_701, 3_333, 4_999 })
        {
            var first = new Occurrences();
            Numbers(first, lines, 0, stopped);
            var second = new Occurrences { First = first.First };
            Numbers(second, lines, (int)(first.RememberedFrom ?? stopped), stopped);

            Assert.Equal(all[stopped..], Numbers(second, lines, stopped, lines.Length));
        }
    }

    [Fact]
    public void Only_lines_of_the_last_seconds_are_held_in_memory()
    {
        var seen = new Occurrences();
        for (int second = 0; second < 1_000; second++)
        {
            seen.Count(Content((char)second), Begin.AddSeconds(second), second);
        }

        Assert.Equal(989, seen.RememberedFrom);
    }

    private static int[] Numbers(Occurrences seen, (Guid Content, DateTimeOffset Time)[] lines, int from, int to) =>
        [.. Enumerable.Range(from, to - from).Select(n => seen.Count(lines[n].Content, lines[n].Time, n))];

    private static Guid Content(char name) => ImportIds.ContentOf([(byte)name, (byte)(name >> 8)]);

    private static List<string> Ids(params string[] lines)
    {
        AccessLogLine log = Log();
        return [.. lines.Select((line, n) => (string)Event(log.Read(Entry(line, n * 100)))["uuid"]!)];
    }
}
