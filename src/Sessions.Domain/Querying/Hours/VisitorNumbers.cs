using System.Numerics;

namespace Sessions.Domain.Querying.Hours;

/// <summary>Numbers visitors from zero on in the order in which they are first met.</summary>
internal sealed class VisitorNumbers
{
    private UInt128[] _digests = new UInt128[1024];
    private int[] _numbers = new int[1024]; // one more than the visitor's number; zero where there is none

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The visitor's number; a new one when it is met for the first time.</summary>
    public int Add(UInt128 digest)
    {
        // A table that is more than half full is slow.
        if (Count * 2 >= _numbers.Length)
        {
            Grow();
        }

        int place = Find(digest);
        if (_numbers[place] == 0)
        {
            _digests[place] = digest;
            _numbers[place] = ++Count;
        }

        return _numbers[place] - 1;
    }

    /// <summary>The visitor's number; null when it has not been met.</summary>
    public int? Known(UInt128 digest) => _numbers[Find(digest)] is > 0 and var number ? number - 1 : null;

    // A digest is as good as chance, so its low bits are where to look first.
    private int Find(UInt128 digest)
    {
        int mask = _numbers.Length - 1;
        int place = (int)(ulong)digest & mask;
        while (_numbers[place] != 0 && _digests[place] != digest)
        {
            place = (place + 1) & mask;
        }

        return place;
    }

    private void Grow()
    {
        (UInt128[] digests, int[] numbers) = (_digests, _numbers);
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)numbers.Length * 4);
        (_digests, _numbers) = (new UInt128[size], new int[size]);
        for (int old = 0; old < numbers.Length; old++)
        {
            if (numbers[old] != 0)
            {
                int place = Find(digests[old]);
                (_digests[place], _numbers[place]) = (digests[old], numbers[old]);
            }
        }
    }
}
