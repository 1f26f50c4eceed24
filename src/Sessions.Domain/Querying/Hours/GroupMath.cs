using System.Buffers;
using System.Runtime.CompilerServices;

namespace Sessions.Domain.Querying.Hours;

/// <summary>
/// Math over rows that are divided into groups: <c>groups[i]</c> is row i's group, from zero to <c>count</c>,
/// exclusive.
/// </summary>
public static class GroupMath
{
    /// <summary>Counts the rows of each group.</summary>
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

    /// <summary>Counts the distinct members of each group. Members are numbers from zero on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long[] Distinct(ReadOnlySpan<int> groups, int count, ReadOnlySpan<int> members, int memberCount)
    {
        using Sorted<int> sorted = Sort(groups, count, members);
        // The group in which each member was seen last, plus one; zero means none.
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

    /// <summary>
    /// Sums the numbers of each group and counts them. <see cref="SessionTable.None"/> stands for a missing number.
    /// </summary>
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
            // A sum in 128 bits is slow and rarely needed, so it is used only after an overflow.
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

    /// <summary>The smallest and largest number of each group; null for a group without numbers.</summary>
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
    /// The percentile of each group's numbers, interpolated like <c>percentile_cont</c>; null for a group without
    /// numbers.
    /// </summary>
    /// <param name="groups">Each row's group.</param>
    /// <param name="count">The number of groups.</param>
    /// <param name="numbers">Each row's number.</param>
    /// <param name="fraction">The fraction, from 0 to 1.</param>
    /// <param name="scale">The divisor of the numbers.</param>
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

    /// <summary>
    /// Finds the number that would be at this index if the numbers were sorted. Afterwards no number before it is
    /// larger, and none after it is smaller.
    /// </summary>
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

    /// <summary>Values sorted by group, and the end of each group.</summary>
    private readonly struct Sorted<T>(T[] values, int[] ends) : IDisposable
    {
        public Span<T> Of(int group) => values.AsSpan((group == 0 ? 0 : ends[group - 1])..ends[group]);

        public void Dispose() => ArrayPool<T>.Shared.Return(values);
    }
}
