using System.Security.Cryptography;
using System.Text;

namespace Sessions.Domain.Persons;

/// <summary>
/// Tells persons apart where their ids must not stand: a keyed hash of a project's distinct id. Without the key it says
/// nothing; who has the key and an id can tell whether it is that one.
/// </summary>
public static class PersonMark
{
    /// <summary>The bytes of a mark.</summary>
    public const int Length = HMACSHA256.HashSizeInBytes;

    /// <summary>The mark of an id.</summary>
    /// <param name="key">The cluster's key.</param>
    /// <param name="project">The project, whose ids are its own.</param>
    /// <param name="distinctId">The id.</param>
    public static byte[] Of(byte[] key, string project, string distinctId) =>
        // No project's id has a NUL in it, so no two pairs are one text.
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{project}\0{distinctId}"));
}
