using System.Numerics;

namespace Sessions.Domain.Querying.Hours;

/// <summary>Numbers visitors from zero on in the order in which they are first met.</summary>
internal sealed class VisitorNumbers
{
    private Slot[] _slots = new Slot[1024];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The visitor's number; a new one when it is met for the first time.</summary>
    public int Add(UInt128 digest)
    {
        // A table that is more than half full is slow.
        if (Count * 2 >= _slots.Length)
        {
            Grow();
        }

        ref Slot slot = ref Find(digest);
        if (slot.NumberAndOne == 0)
        {
            slot = new Slot(digest, ++Count);
        }

        return slot.NumberAndOne - 1;
    }

    /// <summary>The visitor's number; null when it has not been met.</summary>
    public int? Known(UInt128 digest) => Find(digest).NumberAndOne is > 0 and var number ? number - 1 : null;

    // A digest is as good as chance, so its low bits are where to look first.
    private ref Slot Find(UInt128 digest)
    {
        int mask = _slots.Length - 1;
        int place = (int)(ulong)digest & mask;
        while (_slots[place].NumberAndOne != 0 && _slots[place].Digest != digest)
        {
            place = (place + 1) & mask;
        }

        return ref _slots[place];
    }

    private void Grow()
    {
        Slot[] full = _slots;
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)full.Length * 4)];
        foreach (Slot slot in full)
        {
            if (slot.NumberAndOne != 0)
            {
                Find(slot.Digest) = slot;
            }
        }
    }

    /// <summary>Side by side, so that looking a visitor up is one look at memory.</summary>
    private readonly record struct Slot(UInt128 Digest, int NumberAndOne);
}
