using System.Buffers;
using System.Runtime.CompilerServices;

namespace Sessions.Domain.Querying.Hours;

/// <summary>
/// Math over rows that fall into groups: <c>groups[i]</c> is row i's group, from zero to <c>count</c>, exclusive.
/// </summary>
public static class GroupMath
{
    /// <summary>How many rows each group has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long[] Counts(ReadOnlySpan<int> groups, int count)
    {
        long[] counts = new long[count];
        foreach (int group in groups)
        {
            counts[group]++;
        }

        return counts;
    }

    /// <summary>How many different members each group has; members are numbers from zero on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long[] Distinct(ReadOnlySpan<int> groups, int count, ReadOnlySpan<int> members, int memberCount)
    {
        using Sorted<int> sorted = Sort(groups, count, members);
        // In which group a member was met last; group zero is one here.
        int[] met = new int[memberCount];
        long[] counts = new long[count];
        for (int group = 0; group < count; group++)
        {
            foreach (int member in sorted.Of(group))
            {
                ref int last = ref met[member];
                if (last != group + 1)
                {
                    last = group + 1;
                    counts[group]++;
                }
            }
        }

        return counts;
    }

    /// <summary>The sum of each group's numbers, and how many it has; <see cref="SessionTable.None"/> is no number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (Int128[] Sums, long[] Counts) Sums(ReadOnlySpan<int> groups, int count, ReadOnlySpan<long> numbers)
    {
        long[] low = new long[count];
        Int128[] sums = new Int128[count];
        long[] counts = new long[count];
        for (int row = 0; row < groups.Length; row++)
        {
            long number = numbers[row];
            if (number == SessionTable.None)
            {
                continue;
            }

            int group = groups[row];
            long before = low[group];
            long sum = unchecked(before + number);
            // Wide sums are slow, and hardly ever needed.
            if (((before ^ sum) & (number ^ sum)) < 0)
            {
                sums[group] += before;
                sum = number;
            }

            low[group] = sum;
            counts[group]++;
        }

        for (int group = 0; group < count; group++)
        {
            sums[group] += low[group];
        }

        return (sums, counts);
    }

    /// <summary>The least and greatest number of each group; null for a group without one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (long Least, long Most)?[] Extremes(ReadOnlySpan<int> groups, int count, ReadOnlySpan<long> numbers)
    {
        (long Least, long Most)?[] extremes = new (long, long)?[count];
        for (int row = 0; row < groups.Length; row++)
        {
            long number = numbers[row];
            if (number != SessionTable.None)
            {
                ref (long Least, long Most)? its = ref extremes[groups[row]];
                its = its is { } known ? (Math.Min(known.Least, number), Math.Max(known.Most, number)) : (number, number);
            }
        }

        return extremes;
    }

    /// <summary>
    /// The number below which a fraction of each group's numbers lies, between the two next to it in proportion, as
    /// <c>percentile_cont</c> has it; null for a group without a number.
    /// </summary>
    /// <param name="groups">Each row's group.</param>
    /// <param name="count">How many groups there are.</param>
    /// <param name="numbers">Each row's number.</param>
    /// <param name="fraction">The fraction, from 0 to 1.</param>
    /// <param name="scale">What a number is divided by before anything is made of it.</param>
    public static double?[] Percentiles(
        ReadOnlySpan<int> groups, int count, ReadOnlySpan<long> numbers, double fraction, double scale)
    {
        using Sorted<long> sorted = Sort(groups, count, numbers);
        double?[] percentiles = new double?[count];
        for (int group = 0; group < count; group++)
        {
            Span<long> its = sorted.Of(group);
            its = its[MoveNoneToFront(its)..];
            if (its.Length > 0)
            {
                double rank = fraction * (its.Length - 1);
                int below = (int)Math.Floor(rank);
                double low = Select(its, below) / scale;
                double high = below + 1 < its.Length ? Least(its[(below + 1)..]) / scale : low;
                percentiles[group] = low + ((rank - below) * (high - low));
            }
        }

        return percentiles;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Sorted<T> Sort<T>(ReadOnlySpan<int> groups, int count, ReadOnlySpan<T> values)
    {
        T[] sorted = ArrayPool<T>.Shared.Rent(values.Length);
        if (count == 1)
        {
            values.CopyTo(sorted);
            return new Sorted<T>(sorted, [values.Length]);
        }

        int[] places = new int[count];
        foreach (int group in groups)
        {
            places[group]++;
        }

        int before = 0;
        foreach (ref int place in places.AsSpan())
        {
            (place, before) = (before, before + place);
        }

        for (int row = 0; row < groups.Length; row++)
        {
            sorted[places[groups[row]]++] = values[row];
        }

        return new Sorted<T>(sorted, places);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int MoveNoneToFront(Span<long> numbers)
    {
        int none = 0;
        for (int at = 0; at < numbers.Length; at++)
        {
            if (numbers[at] == SessionTable.None)
            {
                (numbers[at], numbers[none]) = (numbers[none], numbers[at]);
                none++;
            }
        }

        return none;
    }

    /// <summary>The number that would stand there were they in order; afterwards none before it is greater, none after it less.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Select(Span<long> numbers, int rank)
    {
        (int low, int high) = (0, numbers.Length - 1);
        while (low < high)
        {
            long pivot = MedianOfThree(numbers[low], numbers[(low + high) >>> 1], numbers[high]);
            (int left, int right) = (low, high);
            while (left <= right)
            {
                while (numbers[left] < pivot)
                {
                    left++;
                }

                while (numbers[right] > pivot)
                {
                    right--;
                }

                if (left <= right)
                {
                    (numbers[left], numbers[right]) = (numbers[right], numbers[left]);
                    left++;
                    right--;
                }
            }

            if (rank <= right)
            {
                high = right;
            }
            else if (rank >= left)
            {
                low = left;
            }
            else
            {
                break;
            }
        }

        return numbers[rank];
    }

    private static long MedianOfThree(long one, long two, long three) =>
        Math.Max(Math.Min(one, two), Math.Min(Math.Max(one, two), three));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Least(ReadOnlySpan<long> numbers)
    {
        long least = long.MaxValue;
        foreach (long number in numbers)
        {
            least = Math.Min(least, number);
        }

        return least;
    }

    /// <summary>Values with those of each group side by side, and where each group ends.</summary>
    private readonly struct Sorted<T>(T[] values, int[] ends) : IDisposable
    {
        public Span<T> Of(int group) => values.AsSpan((group == 0 ? 0 : ends[group - 1])..ends[group]);

        public void Dispose() => ArrayPool<T>.Shared.Return(values);
    }
}
