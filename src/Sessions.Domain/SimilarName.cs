namespace Sessions.Domain;

/// <summary>Finds the known name that is most similar to a mistyped one.</summary>
public static class SimilarName
{
    private const int MostSlips = 2;
    private const int LeastOfPart = 3;

    /// <summary>
    /// The known name that differs from this name by a few typing errors, or that contains it. The closest one; if
    /// several are equally close, the first. Null when none is close.
    /// </summary>
    public static string? Among(IEnumerable<string> known, string name)
    {
        string? closest = null;
        int least = int.MaxValue;
        foreach (string candidate in known)
        {
            int slips = Slips(Plain(candidate), Plain(name));
            bool isPart = name.Length >= LeastOfPart && Plain(candidate).Contains(Plain(name), StringComparison.Ordinal);
            if ((isPart || slips <= Math.Min(MostSlips, candidate.Length / 2)) && slips < least)
            {
                (closest, least) = (candidate, slips);
            }
        }

        return closest;
    }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>The number of characters to insert, delete or replace to turn one name into the other.</summary>
    private static int Slips(string one, string other)
    {
        int[] before = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int[] now = new int[other.Length + 1];
            now[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int replaced = before[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                now[j] = Math.Min(replaced, Math.Min(before[j], now[j - 1]) + 1);
            }

            before = now;
        }

        return before[^1];
    }
}
