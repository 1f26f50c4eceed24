using System.Buffers;
using System.Runtime.CompilerServices;
using Sessions.Domain.Querying.Hours;
using Sessions.Queries.Hours;

namespace Sessions.Queries.Aggregates;

/// <summary>A period's sessions, divided into the groups of a breakdown and the buckets of the period.</summary>
internal sealed class PeriodGroups : IDisposable
{
    private readonly SessionTable _sessions;
    private readonly int _visitors;
    private readonly int _buckets;
    private readonly int _places;
    private readonly int[] _placeOf;
    private readonly int[] _pointOf; // place times buckets, plus bucket
    private readonly long[] _countOfPoint;

    public PeriodGroups(
        SessionTable sessions, Period period, Breakdown? breakdown, int[]? placeOfCode, int places, int visitors)
    {
        (_sessions, _places, _buckets, _visitors) = (sessions, places, period.Starts.Count, visitors);
        _placeOf = breakdown is null ? OnePlace(sessions.Count) : PlacesOf(sessions.Texts(breakdown.Property.Name), placeOfCode!);
        _pointOf = _buckets == 1 ? _placeOf : PointsOf(sessions.Starts, period.Starts);
        _countOfPoint = GroupMath.Counts(_pointOf.AsSpan(0, sessions.Count), _places * _buckets);
    }

    /// <summary>Measures a series in each group that has sessions.</summary>
    public IEnumerable<(int Place, Measured Measured)> Measure(Series series)
    {
        (double?[] points, double?[] whole) = OfPointsAndPlaces(series);
        for (int place = 0; place < _places; place++)
        {
            int first = place * _buckets;
            if (_countOfPoint.AsSpan(first, _buckets).ContainsAnyExcept(0))
            {
                double?[] its = AggregateQueries.Empty(series, _buckets);
                for (int bucket = 0; bucket < _buckets; bucket++)
                {
                    its[bucket] = points[first + bucket] ?? its[bucket];
                }

                yield return (place, new Measured(whole[place] ?? AggregateQueries.OfNothing(series), its));
            }
        }
    }

    /// <summary>Returns the rented memory. Don't use the object afterwards.</summary>
    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_placeOf);
        if (_pointOf != _placeOf)
        {
            ArrayPool<int>.Shared.Return(_pointOf);
        }
    }

    private (double?[] Points, double?[] Whole) OfPointsAndPlaces(Series series)
    {
        if (series.Math is SeriesMath.Total or SeriesMath.UniqueSessions)
        {
            double?[] counts = [.. _countOfPoint.Select(count => (double?)count)];
            return (counts, [.. counts.Chunk(_buckets).Select(chunk => chunk.Sum())]);
        }

        if (series.Math is SeriesMath.Sum or SeriesMath.Avg)
        {
            (Int128[] sums, long[] counts) = GroupMath.Sums(
                _pointOf.AsSpan(0, _sessions.Count), _places * _buckets, _sessions.Numbers(series.Property!.Name));
            return (
                OfSums(series, sums, counts),
                OfSums(
                    series,
                    sums.Chunk(_buckets).Select(chunk => chunk.Aggregate(Int128.Zero, (sum, its) => sum + its)),
                    counts.Chunk(_buckets).Select(chunk => chunk.Sum())));
        }

        double?[] points = Of(series, _pointOf.AsSpan(0, _sessions.Count), _places * _buckets);
        return (points, _buckets == 1 ? points : Of(series, _placeOf.AsSpan(0, _sessions.Count), _places));
    }

    private static double?[] OfSums(Series series, IEnumerable<Int128> sums, IEnumerable<long> counts)
    {
        double scale = HourAggregates.Scale(series.Property!);
        return series.Math == SeriesMath.Sum
            ? [.. sums.Select(sum => (double?)((double)sum / scale))]
            : [.. sums.Zip(counts, (sum, its) => its == 0 ? null : (double?)((double)sum / its / scale))];
    }

    private double?[] Of(Series series, ReadOnlySpan<int> groups, int count)
    {
        if (series.Math == SeriesMath.UniqueUsers)
        {
            return [.. GroupMath.Distinct(groups, count, _sessions.Visitors, _visitors).Select(visitors => (double?)visitors)];
        }

        ReadOnlySpan<long> numbers = _sessions.Numbers(series.Property!.Name);
        double scale = HourAggregates.Scale(series.Property);
        switch (series.Math)
        {
            case SeriesMath.Min:
                return [.. GroupMath.Extremes(groups, count, numbers).Select(its => its?.Least / scale)];
            case SeriesMath.Max:
                return [.. GroupMath.Extremes(groups, count, numbers).Select(its => its?.Most / scale)];
            case SeriesMath.Median or SeriesMath.P75 or SeriesMath.P90 or SeriesMath.P95 or SeriesMath.P99:
                return GroupMath.Percentiles(groups, count, numbers, SeriesSql.Fraction(series.Math), scale);
            default:
                throw new InvalidOperationException($"{series.Math} is no math over sessions.");
        }
    }

    private static int[] OnePlace(int count)
    {
        int[] places = ArrayPool<int>.Shared.Rent(count);
        places.AsSpan(0, count).Clear();
        return places;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] PlacesOf(ReadOnlySpan<int> codes, int[] placeOfCode)
    {
        int[] places = ArrayPool<int>.Shared.Rent(codes.Length);
        for (int row = 0; row < codes.Length; row++)
        {
            places[row] = placeOfCode[codes[row]];
        }

        return places;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int[] PointsOf(ReadOnlySpan<long> times, IReadOnlyList<DateTimeOffset> buckets)
    {
        long[] starts = [.. buckets.Select(HourRows.Microseconds)];
        int[] points = ArrayPool<int>.Shared.Rent(times.Length);
        int bucket = 0;
        for (int row = 0; row < times.Length; row++)
        {
            long time = times[row];
            // Sessions are mostly in order, so the bucket is usually that of the previous session.
            if (time < starts[bucket] || (bucket + 1 < starts.Length && time >= starts[bucket + 1]))
            {
                bucket = Array.BinarySearch(starts, time) is var found && found >= 0 ? found : Math.Max(0, ~found - 1);
            }

            points[row] = (_placeOf[row] * _buckets) + bucket;
        }

        return points;
    }
}
