using CsCheck;
using Sessions.Domain.Querying.Hours;

namespace Sessions.Domain.Tests.Querying.Hours;

public sealed class HourLaws
{
    private static readonly Gen<long?> Number = Gen.OneOf(
        Gen.Int[-3, 3].Select(number => (long?)number),
        Gen.Long[-4_000_000_000, 4_000_000_000].Select(number => (long?)number),
        Gen.OneOf<long?>(null, 0, 254, 255, 65_534, 65_535, 4_294_967_294, 4_294_967_295, long.MaxValue, long.MinValue + 1));

    private static readonly Gen<string?> Text = Gen.OneOf<string?>(null, "", "a", "b", "ä/ö?", "\U0001F600", new string('x', 3000));

    private static readonly Gen<HourRow> Row = Gen.Select(
        Gen.Long[1_700_000_000_000_000, 1_700_003_600_000_000],
        Gen.OneOf("ann", "bob", "cleo", new string('d', 2000)),
        Number.Array[HourColumns.Numbers.Count],
        Text.Array[HourColumns.Texts.Count],
        (start, who, numbers, texts) => new HourRow(start, who, numbers, texts));

    [Fact]
    public void An_hour_returns_for_any_range_what_was_written_into_it() => Gen.Select(
        Row.Array[0, 20], Gen.Long[1_699_999_000_000_000, 1_700_004_000_000_000], Gen.Long[0, 4_000_000_000]).Sample(
        (rows, from, length) =>
        {
            HourVersion hour = new(0, Guid.NewGuid());
            ProjectHours kept = new();
            kept.Put(hour, HourWriter.Write(rows));
            SessionTables ofHour = kept.TablesOf([(from, from + length)], [hour.Start], [], 1);
            SessionTables ofRows = new ProjectHours().TablesOf([(from, from + length)], [], rows, 1);
            // What is in the range is as it was written.
            Assert.Equal(
                rows.Where(row => row.Start >= from && row.Start < from + length).Select(Line).Order(),
                Lines(ofHour, from, from + length).Select(line => line[(line.IndexOf('/') + 1)..]).Order());
            Assert.Equal(Lines(ofRows, from, from + length), Lines(ofHour, from, from + length));
        },
        iter: Laws.Cases / 10);

    [Fact]
    public void Math_over_groups_is_math_over_each_group() => Gen.Select(
        Gen.Int[1, 6].SelectMany(count => Gen.Select(Gen.Int[0, count - 1].Array[0, 60], Gen.Const(count))),
        Gen.OneOf(Gen.Int[-5, 5].Select(number => (long)number), Gen.Const(SessionTable.None)).Array[60],
        Gen.Int[0, 7].Array[60],
        Gen.Double[0, 1]).Sample(
        (of, numbers, members, fraction) =>
        {
            (int[] groups, int count) = of;
            numbers = numbers[..groups.Length];
            members = members[..groups.Length];
            for (int group = 0; group < count; group++)
            {
                int[] rows = [.. Enumerable.Range(0, groups.Length).Where(row => groups[row] == group)];
                double[] its = [.. rows.Select(row => numbers[row]).Where(number => number != SessionTable.None).Order().Select(number => number / 2.0)];
                (Int128[] sums, long[] counts) = GroupMath.Sums(groups, count, numbers);
                Assert.Equal(rows.Length, GroupMath.Counts(groups, count)[group]);
                Assert.Equal(rows.Select(row => members[row]).Distinct().Count(), GroupMath.Distinct(groups, count, members, 8)[group]);
                Assert.Equal(its.Sum() * 2, (double)sums[group]);
                Assert.Equal(its.Length, counts[group]);
                (long Least, long Most)? extremes = its is [] ? null : ((long)(its[0] * 2), (long)(its[^1] * 2));
                Assert.Equal(extremes, GroupMath.Extremes(groups, count, numbers)[group]);
                Assert.Equal(Percentile(its, fraction), GroupMath.Percentiles(groups, count, numbers, fraction, 2)[group]);
            }
        },
        iter: Laws.Cases);

    private static double? Percentile(double[] sorted, double fraction)
    {
        if (sorted is [])
        {
            return null;
        }

        double at = fraction * (sorted.Length - 1);
        double low = sorted[(int)Math.Floor(at)];
        return low + ((at - Math.Floor(at)) * (sorted[(int)Math.Ceiling(at)] - low));
    }

    [Fact]
    public void Adding_and_removing_hours_leaves_the_other_hours_unchanged() => Gen.Select(
        Row.Array[0, 12].Array[5], Gen.Select(Gen.Int[0, 4], Gen.Bool).Array[1, 30]).Sample(
        (hours, steps) =>
        {
            ProjectHours memory = new();
            SortedDictionary<int, HourVersion> held = [];
            foreach ((int hour, bool isPut) in steps)
            {
                if (isPut)
                {
                    held[hour] = new HourVersion(hour, Guid.NewGuid());
                    memory.Put(held[hour], HourWriter.Write(hours[hour]));
                }
                else
                {
                    held.Remove(hour);
                    memory.Retain(held.Values);
                }

                HourRow[] rows = [.. held.Keys.SelectMany(at => hours[at])];
                SessionTables tables = memory.TablesOf([(0, long.MaxValue)], held.Keys.Select(at => (long)at), hours[4 - hour], 1);
                Assert.Equal(
                    rows.Concat(hours[4 - hour]).Select(Line).Order(),
                    Lines(tables, 0, long.MaxValue).Select(line => line[(line.IndexOf('/') + 1)..]).Order());
                Assert.Equal(
                    rows.Concat(hours[4 - hour]).Select(row => row.DistinctId).Distinct().Count(),
                    tables.Of(0, long.MaxValue).Visitors.ToArray().Distinct().Count());
                memory.EndQuestion();
                Assert.All(
                    (string[])["ann", "bob", "cleo"],
                    id => Assert.Equal(rows.Any(row => row.DistinctId == id), memory.Knows(id)));
            }

            long most = memory.Bytes;
            memory.ShrinkTo(0);
            Assert.True(memory.Bytes <= most && memory.Count == 0);
            Assert.All((string[])["ann", "bob", "cleo"], id => Assert.False(memory.Knows(id)));
        },
        iter: Laws.Cases / 10);

    private static string Line(HourRow row) => string.Join(
        '|', [row.Start, .. row.Numbers.Select(number => (object)(number ?? SessionTable.None)), .. row.Texts.Select(text => text ?? "(none)")]);

    private static List<string> Lines(SessionTables tables, long from, long to)
    {
        SessionTable table = tables.Of(from, to);
        List<string> lines = [];
        for (int row = 0; row < table.Count; row++)
        {
            List<object?> parts = [table.Starts[row]];
            foreach (string number in HourColumns.Numbers)
            {
                parts.Add(table.Numbers(number)[row]);
            }

            foreach (string text in HourColumns.Texts)
            {
                parts.Add(tables.TextsOf(text)[table.Texts(text)[row]] ?? "(none)");
            }

            lines.Add($"{table.Visitors[row]}/{string.Join('|', parts)}");
        }

        return lines;
    }
}
