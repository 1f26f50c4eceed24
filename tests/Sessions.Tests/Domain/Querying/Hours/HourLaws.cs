using CsCheck;
using Sessions.Domain.Querying.Hours;

namespace Sessions.Tests.Domain.Querying.Hours;

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
    public void An_hour_gives_back_what_was_written_into_it_for_any_range() => Gen.Select(
        Row.Array[0, 20], Gen.Long[1_699_999_000_000_000, 1_700_004_000_000_000], Gen.Long[0, 4_000_000_000]).Sample(
        (rows, from, length) =>
        {
            SessionTables ofHour = Tables(from, from + length);
            ofHour.Add(HourWriter.Write(rows));
            SessionTables ofRows = Tables(from, from + length);
            foreach (HourRow row in rows.OrderBy(row => row.Start))
            {
                ofRows.Add(row);
            }

            Assert.Equal(Lines(ofRows, from, from + length), Lines(ofHour, from, from + length));
            Assert.Equal(rows.Count(row => row.Start >= from && row.Start < from + length), ofHour.Count);
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

    private static SessionTables Tables(long from, long to) => new(
        [(from, to)], new WantedColumns(HourColumns.Numbers.ToHashSet(), HourColumns.Texts.ToHashSet(), Visitors: true));

    private static List<string> Lines(SessionTables tables, long from, long to)
    {
        SessionTable table = tables.Of(from, to);
        List<string> lines = [];
        for (int row = 0; row < table.Count; row++)
        {
            List<object?> parts = [table.Starts[row], table.Visitors[row]];
            foreach (string number in HourColumns.Numbers)
            {
                parts.Add(table.Numbers(number)[row]);
            }

            foreach (string text in HourColumns.Texts)
            {
                parts.Add(tables.TextsOf(text)[table.Texts(text)[row]] ?? "(none)");
            }

            lines.Add(string.Join('|', parts));
        }

        return lines;
    }
}
