using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sessions.Columns.Asking;

/// <summary>
/// Any number of rows as bytes: frames of some rows, each behind its length. A frame without bytes is the end, so that a part is
/// never taken for the whole.
/// </summary>
internal static class RowFrames
{
    private const int FrameBytes = 64 * 1024;
    private const int MostFrameBytes = 256 * 1024 * 1024;

    /// <summary>Writes rows.</summary>
    /// <param name="rows">The rows. They may share one array.</param>
    /// <param name="write">Takes bytes.</param>
    public static void Write(IEnumerable<object?[]> rows, Action<ReadOnlySpan<byte>> write)
    {
        using MemoryStream frame = new();
        using BinaryWriter writer = new(frame, Encoding.UTF8, leaveOpen: true);
        writer.Write(0);
        foreach (object?[] row in rows)
        {
            writer.Write(row.Length);
            foreach (object? value in row)
            {
                ColumnsWire.WriteValue(writer, value);
            }

            if (frame.Length >= FrameBytes)
            {
                Send();
            }
        }

        if (frame.Length > sizeof(int))
        {
            Send();
        }

        // The end.
        Send();

        void Send()
        {
            writer.Flush();
            Span<byte> bytes = frame.GetBuffer().AsSpan(0, (int)frame.Length);
            BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length - sizeof(int));
            write(bytes);
            frame.SetLength(sizeof(int));
            frame.Position = sizeof(int);
        }
    }

    /// <summary>Reads rows.</summary>
    /// <exception cref="IOException">The bytes end before the rows do.</exception>
    public static async IAsyncEnumerable<object?[]> Read(Stream bytes, [EnumeratorCancellation] CancellationToken cancellation)
    {
        byte[] head = new byte[sizeof(int)], frame = [];
        while (true)
        {
            await bytes.ReadExactlyAsync(head, cancellation);
            int length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length is < 0 or > MostFrameBytes)
            {
                throw new IOException($"{length} is no length of a frame.");
            }

            if (length == 0)
            {
                yield break;
            }

            frame = frame.Length >= length ? frame : new byte[length];
            await bytes.ReadExactlyAsync(frame.AsMemory(0, length), cancellation);
            using MemoryStream rows = new(frame, 0, length);
            using BinaryReader reader = new(rows, Encoding.UTF8);
            while (rows.Position < length)
            {
                object?[] row = new object?[reader.ReadInt32()];
                for (int place = 0; place < row.Length; place++)
                {
                    row[place] = ColumnsWire.ReadValue(reader);
                }

                yield return row;
            }
        }
    }
}
