using System.Runtime.CompilerServices;

namespace Sessions.Domain.Querying.Hours;

/// <summary>
/// Gives visitors numbers from zero on. The numbers are reference-counted: when a number has no reference any more, its
/// digest is freed and the number is used again.
/// </summary>
internal sealed class VisitorNumbers
{
    private const int LeastSlots = 64;

    private readonly Stack<int> _free = [];
    private Slot[] _slots = new Slot[LeastSlots];
    private UInt128[] _digests = new UInt128[32];
    private int[] _holds = new int[32];
    private int _count;

    /// <summary>The upper limit of the numbers, exclusive.</summary>
    public int Limit { get; private set; }

    /// <summary>The approximate size in bytes of memory.</summary>
    public long Bytes =>
        ((long)_slots.Length * Unsafe.SizeOf<Slot>()) + ((long)_holds.Length * (VisitorDigest.Size + sizeof(int))) + ((long)_free.Count * sizeof(int));

    /// <summary>Returns the visitor's number, and adds a reference to it.</summary>
    public int Hold(UInt128 digest)
    {
        // A hash table that is more than half full is slow, so it grows.
        if (_count * 2 >= _slots.Length)
        {
            Resize(_slots.Length * 2);
        }

        int place = Find(digest);
        int number = _slots[place].NumberAndOne - 1;
        if (number < 0)
        {
            number = Take(digest);
            _slots[place] = new Slot(MarkOf(digest), number + 1);
            _count++;
        }

        _holds[number]++;
        return number;
    }

    /// <summary>Releases one reference to a number.</summary>
    public void Release(int number)
    {
        if (--_holds[number] == 0)
        {
            Remove(Find(_digests[number]));
            _digests[number] = default;
            _free.Push(number);
            _count--;
            if (_slots.Length > LeastSlots && _count * 8 < _slots.Length)
            {
                Resize(_slots.Length / 2);
            }
        }
    }

    /// <summary>The visitor's number; null when it has none.</summary>
    public int? Known(UInt128 digest) => _slots[Find(digest)].NumberAndOne is > 0 and var number ? number - 1 : null;

    // The bits of a digest are random: the low bits choose the slot, and the high bits distinguish it from its
    // neighbours.
    private static uint MarkOf(UInt128 digest) => (uint)(digest >> 96);

    private int HomeOf(UInt128 digest) => (int)(ulong)digest & (_slots.Length - 1);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Find(UInt128 digest)
    {
        uint mark = MarkOf(digest);
        int place = HomeOf(digest);
        while (_slots[place] is { NumberAndOne: not 0 } slot && (slot.Mark != mark || _digests[slot.NumberAndOne - 1] != digest))
        {
            place = (place + 1) & (_slots.Length - 1);
        }

        return place;
    }

    private int Take(UInt128 digest)
    {
        if (!_free.TryPop(out int number))
        {
            number = Limit++;
            if (number == _digests.Length)
            {
                // Grows in small steps, because unused space counts against the memory limit.
                Array.Resize(ref _digests, number + (number / 4));
                Array.Resize(ref _holds, number + (number / 4));
            }
        }

        _digests[number] = digest;
        return number;
    }

    /// <summary>
    /// Empties a slot. Moves up the entries after it that were displaced, so that they are still found.
    /// </summary>
    private void Remove(int hole)
    {
        int mask = _slots.Length - 1;
        for (int place = (hole + 1) & mask; _slots[place].NumberAndOne != 0; place = (place + 1) & mask)
        {
            int home = HomeOf(_digests[_slots[place].NumberAndOne - 1]);
            if (((place - home) & mask) >= ((place - hole) & mask))
            {
                _slots[hole] = _slots[place];
                hole = place;
            }
        }

        _slots[hole] = default;
    }

    private void Resize(int size)
    {
        Slot[] before = _slots;
        _slots = new Slot[size];
        foreach (Slot slot in before)
        {
            if (slot.NumberAndOne != 0)
            {
                _slots[Find(_digests[slot.NumberAndOne - 1])] = slot;
            }
        }
    }

    private readonly record struct Slot(uint Mark, int NumberAndOne);
}
