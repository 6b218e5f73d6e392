//! Questions and responses as bytes.

use proptest::prelude::*;

use super::*;

const ID: u16 = 0x1234;

fn question(name: &str, record: RecordType) -> Question {
    Question {
        name: Name::parse(name, record).unwrap(),
        record,
    }
}

/// A response to `question`: flags, and records of type, time to live and data, all of the name that was asked for.
fn response(question: &Question, flags: u16, records: &[(u16, u32, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    push(&mut bytes, &[ID, IS_RESPONSE | flags, 1, records.len() as u16, 0, 0]);
    bytes.extend(question.name.wire());
    push(&mut bytes, &[question.record.code(), INTERNET]);
    for (code, ttl, data) in records {
        bytes.extend([0xc0, 12]);
        bytes.extend(code.to_be_bytes());
        bytes.extend(INTERNET.to_be_bytes());
        bytes.extend(ttl.to_be_bytes());
        bytes.extend((data.len() as u16).to_be_bytes());
        bytes.extend(*data);
    }
    bytes
}

#[test]
fn a_question_is_what_other_programs_send() {
    let question = question("a.bc", RecordType::Mx);
    let expected = b"\x12\x34\x01\x20\0\x01\0\0\0\0\0\x01\x01a\x02bc\0\0\x0f\0\x01\0\0\x29\x04\xd0\0\0\0\0\0\0";
    assert_eq!(question.message(ID, Edns::Offered), expected);
    let expected = b"\x12\x34\x01\x20\0\x01\0\0\0\0\0\0\x01a\x02bc\0\0\x0f\0\x01";
    assert_eq!(question.message(ID, Edns::Left), expected);
}

#[test]
fn each_type_reads_as_in_a_zone_file() {
    let check = |record: RecordType, data: &[u8], expected: Result<&str, &str>| {
        let question = question("example.com", record);
        let bytes = response(&question, 0, &[(record.code(), 60, data)]);
        let read = read(&bytes, ID, &question).map(|response| response.unwrap().answers.remove(0));
        assert_eq!(read.as_deref().map_err(|malformed| malformed.0), expected, "{record:?}");
    };
    check(RecordType::A, &[192, 0, 2, 1], Ok("192.0.2.1"));
    check(RecordType::A, &[192, 0, 2], Err("it ends too early"));
    check(
        RecordType::A,
        &[192, 0, 2, 1, 0],
        Err("a record is longer than its data"),
    );
    check(RecordType::Aaaa, &[0; 16], Ok("::"));
    check(RecordType::Cname, b"\x03WWW\xc0\x0c", Ok("www.example.com"));
    check(RecordType::Ns, b"\x02ns\x00", Ok("ns"));
    check(RecordType::Ptr, b"\x00", Ok("."));
    check(RecordType::Mx, b"\x00\x0a\x04mail\xc0\x0c", Ok("10 mail.example.com"));
    check(RecordType::Srv, b"\0\x01\0\x02\x13\x88\x01s\0", Ok("1 2 5000 s"));
    check(RecordType::Txt, b"\x05v=one\x04 two", Ok("v=one two"));
    check(RecordType::Txt, b"\x05v=", Err("it ends too early"));
    check(RecordType::Txt, b"", Ok(""));
    check(RecordType::Caa, b"\x00\x05issueca.example", Ok("0 issue ca.example"));
    let mut soa = b"\x02ns\0\x04mail\0".to_vec();
    (1..=5_u32).for_each(|number| soa.extend(number.to_be_bytes()));
    check(RecordType::Soa, &soa, Ok("ns mail 1 2 3 4 5"));
}

/// A response to a question for the addresses of example.com with records of any owner.
fn owned(records: &[(&str, u16, u32, &[u8])]) -> Response {
    let question = question("example.com", RecordType::A);
    let mut bytes = response(&question, AUTHORITATIVE, &[]);
    bytes[7] = records.len() as u8;
    for (owner, code, ttl, data) in records {
        bytes.extend(Name::parse(owner, RecordType::A).unwrap().wire());
        push(&mut bytes, &[*code, INTERNET]);
        bytes.extend(ttl.to_be_bytes());
        push(&mut bytes, &[data.len() as u16]);
        bytes.extend(*data);
    }
    read(&bytes, ID, &question).unwrap().unwrap()
}

#[test]
fn an_alias_leads_to_the_answers_and_counts_for_the_time_to_live() {
    let first = ("example.com", 5, 30, &b"\x03www\xc0\x0c"[..]);
    let second = ("WWW.example.com", 5, 90, &b"\x04edge\xc0\x0c"[..]);
    let address = ("edge.example.com", 1, 60, &[192, 0, 2, 1][..]);
    for records in [[first, second, address], [address, second, first]] {
        let response = owned(&records);
        assert_eq!(response.answers, ["192.0.2.1"]);
        assert_eq!((response.answer_count, response.ttl_min_s), (1, Some(30)));
        assert!(response.authoritative && !response.truncated && !response.authenticated);
    }
}

#[test]
fn records_of_another_owner_are_no_answers() {
    let address = &[192, 0, 2, 1][..];
    let check = |records: &[(&str, u16, u32, &[u8])]| {
        let response = owned(records);
        assert_eq!((response.answer_count, response.answers.len()), (0, 0), "{records:?}");
    };
    check(&[("other.example", 1, 60, address)]);
    check(&[("www.example.com", 1, 60, address)]);
    // The alias leads elsewhere, and its own name has no address beside it.
    check(&[
        ("example.com", 5, 30, b"\x03www\xc0\x0c"),
        ("example.com", 1, 60, address),
    ]);
    let circle: [(&str, u16, u32, &[u8]); 2] = [
        ("example.com", 5, 30, b"\x03www\xc0\x0c"),
        ("www.example.com", 5, 30, b"\xc0\x0c"),
    ];
    check(&circle);
    assert_eq!(owned(&[("other.example", 1, 60, address)]).ttl_min_s, None);
}

#[test]
fn what_answers_another_question_is_none_of_ours() {
    let ours = question("example.com", RecordType::A);
    let check = |bytes: Vec<u8>, id: u16| assert_eq!(read(&bytes, id, &ours), Ok(None));
    check(response(&ours, 0, &[]), ID + 1);
    check(ours.message(ID, Edns::Offered), ID);
    check(response(&question("example.org", RecordType::A), 0, &[]), ID);
    check(response(&question("example.com", RecordType::Mx), 0, &[]), ID);
}

#[test]
fn codes_are_read_with_their_extension() {
    let question = question("example.com", RecordType::A);
    let check = |flags: u16, opt_ttl: u32, expected: &str| {
        let mut bytes = response(&question, flags, &[]);
        bytes[11] = 1;
        bytes.extend(b"\0\0\x29\x04\xd0");
        bytes.extend(opt_ttl.to_be_bytes());
        bytes.extend([0, 0]);
        let response = read(&bytes, ID, &question).unwrap().unwrap();
        assert_eq!(rcode_name(response.rcode), expected);
    };
    check(0, 0, "NOERROR");
    check(3, 0, "NXDOMAIN");
    check(0, 1 << 24, "BADVERS");
    check(5, 0, "REFUSED");
    check(15, 0xff << 24, "RCODE4095");
}

#[test]
fn a_truncated_response_need_not_be_whole() {
    let question = question("example.com", RecordType::A);
    let mut bytes = response(&question, TRUNCATED, &[(1, 60, &[192, 0, 2, 1])]);
    bytes.truncate(bytes.len() - 2);
    assert!(read(&bytes, ID, &question).unwrap().unwrap().truncated);
}

#[test]
fn answers_beyond_the_limit_are_counted_and_not_kept() {
    let question = question("example.com", RecordType::A);
    let bytes = response(&question, 0, &vec![(1, 60, &[192, 0, 2, 1][..]); 1000]);
    let response = read(&bytes, ID, &question).unwrap().unwrap();
    assert_eq!((response.answers.len(), response.answer_count), (ANSWER_LIMIT, 1000));
}

#[test]
fn a_time_to_live_with_its_highest_bit_set_is_none() {
    let question = question("example.com", RecordType::A);
    let bytes = response(&question, 0, &[(1, u32::MAX, &[192, 0, 2, 1])]);
    assert_eq!(read(&bytes, ID, &question).unwrap().unwrap().ttl_min_s, Some(0));
}

fn any_record() -> impl Strategy<Value = RecordType> {
    proptest::sample::select(RecordType::ALL.to_vec())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), record in any_record()) {
        let _ = read(&bytes, ID, &question("example.com", record));
    }

    #[test]
    fn no_damage_makes_it_panic(
        record in any_record(),
        data in proptest::collection::vec(any::<u8>(), 0..60),
        at in 0_usize..100,
        byte in any::<u8>(),
    ) {
        let question = question("example.com", record);
        let mut bytes = response(&question, 0, &[(record.code(), 60, &data)]);
        let _ = read(&bytes, ID, &question);
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        let _ = read(&bytes, ID, &question);
    }
}
